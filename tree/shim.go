package tree

func (t Tree[V]) Peek(key string) (V, bool)                   { return t.look(key) }
func (t Tree[V]) LongerThan(dir string, n int) (string, bool) { return "", false }
