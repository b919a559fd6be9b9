"""``python -m hsm_specs.cli``: the same as ``hsmspec``."""

from hsm_specs.cli import main

if __name__ == "__main__":
    main()
