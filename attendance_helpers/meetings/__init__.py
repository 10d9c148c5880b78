"""What a meeting needs: how long it may take, what to talk about, what to ask, and which ways of working to look at together."""
