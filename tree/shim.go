package tree

// Peek is a placeholder until the names of the look-ups change.
func (t Tree[V]) Peek(key string) (V, bool) { return t.look(key) }
