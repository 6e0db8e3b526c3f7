"""Run the command line as ``python -m shipper``."""

import sys

from shipper.cli import main

if __name__ == "__main__":
    sys.exit(main())
