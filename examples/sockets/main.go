// Accepts on the socket that reload keeps open; started without reload, on PORT.
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func listener() (net.Listener, error) {
	if os.Getenv("LISTEN_FDS") != "" {
		return net.FileListener(os.NewFile(3, "reload"))
	}
	port := os.Getenv("PORT")
	if port == "" {
		port = "3000"
	}
	return net.Listen("tcp", "127.0.0.1:"+port)
}

func main() {
	listening, err := listener()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "Hello from Go")
	})}
	asked, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	ended := make(chan struct{})
	go func() {
		<-asked.Done()
		// Go may accept one more while it shuts down, and drop it: accepting ends first.
		if tcp, ok := listening.(*net.TCPListener); ok {
			_ = tcp.SetDeadline(time.Now())
			time.Sleep(10 * time.Millisecond)
		}
		// What was accepted is answered before the end; what was not is for the next one.
		_ = server.Shutdown(context.Background())
		close(ended)
	}()
	_ = server.Serve(listening)
	<-ended
}
