"""``hsmspec diagram``: one file a kind of picture, loaded when it is asked for."""
