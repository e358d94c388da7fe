# Every target does its own set-up: a fresh clone needs Python 3.11 or newer, make and git, nothing else.

.PHONY: help demo test test-editors update vscode setup clean

help:
	@echo "make demo     check the examples with the real compiler, then watch the server talk to an editor"
	@echo "make test     linter, type checker and every test; ARGS='tests/cli -x' is handed to pytest"
	@echo "make test-editors  the extension in VS Code, the plugin in Neovim (needs Node 20, a C++ compiler and Chromium)"
	@echo "make update   rewrite the expected results in the tests and the generated files"
	@echo "make vscode   build the extension for VS Code, vscode-extension/enzyme-lsp.vsix (needs Node 20 or newer)"
	@echo "make clean    remove .venv, .engines and .editors"

# The examples hold mistakes on purpose, so that the check must find some: exit code 1.
demo: setup
	@echo '$$ enzyme-lsp check examples/'
	@.venv/bin/enzyme-lsp check examples/; code=$$?; echo "(exit code $$code: there are errors)"; test $$code -eq 1
	@echo
	@echo '$$ python examples/editor_session.py'
	@.venv/bin/python examples/editor_session.py

test:
	@sh .ci/test.sh $(ARGS)

test-editors:
	@sh .ci/test-editors.sh $(ARGS)

update:
	@UPDATE_EXPECT=1 sh .ci/test.sh $(ARGS)

vscode:
	@sh .ci/vscode.sh

setup:
	@sh .ci/setup.sh

clean:
	rm -rf .venv .engines .editors
