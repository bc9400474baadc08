package tree

// LongerThan returns a key beneath dir that is longer than n bytes, counted from
// the end of dir, and whether there is one. It costs O(depth · log width) unless
// keys come near n, or came near it before they were deleted; then it searches the
// directories that can hold such a key.
func (t Tree[V]) LongerThan(dir string, n int) (key string, ok bool) {
	dir = asDir(dir)
	type place struct {
		node *node[V]
		path int // length of the parent's path
		name string
	}
	path := []byte(dir)
	stack := []place{}
	if root := t.root.find(dir); root != nil && root.longest > n {
		stack = append(stack, place{root, len(path), ""})
	}
	for len(stack) > 0 {
		top := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		path = append(path[:top.path], top.name...)
		left := n - (len(path) - len(dir))
		values := top.node.values.all()
		for it, ok := values.peek(); ok; it, ok = values.peek() {
			if len(it.name) > left {
				return string(append(path, it.name...)), true
			}
			values.advance(1)
		}
		dirs := top.node.dirs.all()
		for it, ok := dirs.peek(); ok; it, ok = dirs.peek() {
			if len(it.name)+it.value.longest > left {
				stack = append(stack, place{it.value, len(path), it.name})
			}
			dirs.advance(1)
		}
	}
	return "", false
}
