"""Webhooks without a network: is a request genuine, and what is it answered?"""
