"""Real compilers in processes of their own, behind one protocol; must know neither syntax nor dialect nor editors."""
