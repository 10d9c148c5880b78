"""`python -m attendance_helpers.cli`, for where the command is not on the path."""

from attendance_helpers.cli import main

if __name__ == "__main__":
    main()
