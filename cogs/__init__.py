"""Highwater's Discord face: one file per command family.

A command has three sentences: parse, one service call, render.
"""
