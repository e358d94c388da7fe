#!/usr/bin/env bash
# Brings upstream's mlir-lsp-server, to measure against, and mlir-opt, an engine to test with: Debian's mlir-22-tools,
# unpacked into the folder given, so that nothing on the machine changes but apt's lists. Prints the path of the server;
# mlir-opt is beside it. For Debian and its derivatives.
set -euo pipefail
folder=$(mkdir -p "${1:?usage: set_up_peer.sh FOLDER}" && cd "$1" && pwd)
cd "$folder"
apt-get update -qq >&2
apt-get download -qq mlir-22-tools libmlir-22 libllvm22 >&2
for package in ./*.deb; do dpkg -x "$package" root; done
programs=$folder/root/usr/lib/llvm-22/bin
libraries=$folder/root/usr/lib/llvm-22/lib:$(dirname "$(find "$folder/root/usr/lib" -name 'libLLVM*.so*' | head -n 1)")
for name in mlir-lsp-server mlir-opt; do
    cat > "$folder/$name" <<END
#!/bin/sh
LD_LIBRARY_PATH=$libraries exec $programs/$name "\$@"
END
    chmod +x "$folder/$name"
done
echo "$folder/mlir-lsp-server"
