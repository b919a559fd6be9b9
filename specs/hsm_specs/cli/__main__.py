"""Run ``hsmspec`` as ``python -m hsm_specs.cli``."""

from hsm_specs.cli import main

if __name__ == "__main__":
    main()
