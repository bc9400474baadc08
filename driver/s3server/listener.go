package s3server

import (
	"net"
	"sync"
	"unsafe"
)

// listener is a listener that closes its connections when it is closed.
type listener struct {
	net.Listener
	mu     sync.Mutex // guards conns; nothing is called under it but Close
	conns  map[*conn]bool
	closed bool
}

func newListener(l net.Listener) *listener {
	return &listener{Listener: l, conns: make(map[*conn]bool)}
}

// conn is a connection that the listener forgets when it is closed.
type conn struct {
	net.Conn
	l *listener
}

func (l *listener) Accept() (net.Conn, error) {
	accepted, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &conn{accepted, l}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		accepted.Close()
		return nil, net.ErrClosed
	}
	l.conns[c] = true
	return c, nil
}

// WriteString writes text without a copy, since a connection does not change what it
// writes. The content of objects is strings, which a bufio.Writer would otherwise copy
// through its buffer of 4 KiB.
func (c *conn) WriteString(text string) (int, error) {
	return c.Conn.Write(unsafe.Slice(unsafe.StringData(text), len(text)))
}

func (c *conn) Close() error {
	c.l.mu.Lock()
	delete(c.l.conns, c)
	c.l.mu.Unlock()
	return c.Conn.Close()
}

// closeAll closes the listener and the connections.
func (l *listener) closeAll() error {
	err := l.Listener.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for c := range l.conns {
		c.Conn.Close()
	}
	return err
}
