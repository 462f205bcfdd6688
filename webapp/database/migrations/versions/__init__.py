"""One file a step. A step that was released is never changed; what was wrong with it is put right by the next."""
