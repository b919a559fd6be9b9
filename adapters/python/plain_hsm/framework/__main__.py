"""``python -m plain_hsm.framework``: serves the adapter of the framework."""

from plain_hsm.adapter import main
from plain_hsm.framework.adapter import FrameworkWorld

if __name__ == "__main__":
    main(FrameworkWorld)
