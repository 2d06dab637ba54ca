"""The program in parts on several machines, around one PostgreSQL."""
