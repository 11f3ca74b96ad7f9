"""Analysis of trained models: studies, explanations, ceilings, results, profiling.

It stands above the models and what trains and applies them; none of those imports it.
"""
