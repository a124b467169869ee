"""How the model `deep` is made: its network, the prior, and the stages of its training."""
