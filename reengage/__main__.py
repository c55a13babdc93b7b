"""`python -m reengage`."""

from reengage.cli import main

if __name__ == "__main__":
    main()
