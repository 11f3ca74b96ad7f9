"""Where results come from: studies, errors, likelihoods, cost.

It stands above the models and what trains and applies them; none of those imports it.
"""
