// A Gin server that reads its configuration again on SIGHUP, in place of a restart.
package main

import (
	"context"
	"errors"
	"log"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/goccy/go-yaml"
)

type config struct {
	Greeting string `yaml:"greeting"`
	Limit    struct {
		Requests int `yaml:"requests"`
	} `yaml:"limit"`
}

// Each request sees one version of it, from its beginning to its end.
var current atomic.Pointer[config]

// What is in the file is believed: nothing but the schema keeps a limit of 0 from being taken.
func readConfig() {
	text, err := os.ReadFile("config.yaml")
	if err != nil {
		log.Fatal(err)
	}
	var next config
	if err := yaml.Unmarshal(text, &next); err != nil {
		log.Fatal("config.yaml: ", err)
	}
	current.Store(&next)
	log.Printf("greeting %q, %d requests per second", next.Greeting, next.Limit.Requests)
}

// How many requests of this second have been answered.
type window struct{ second, count atomic.Int64 }

func (w *window) isFull(limit int) bool {
	now := time.Now().Unix()
	if w.second.Swap(now) != now {
		w.count.Store(0)
	}
	return w.count.Add(1) > int64(limit)
}

func main() {
	gin.SetMode(gin.ReleaseMode)
	readConfig()
	changed := make(chan os.Signal, 1)
	signal.Notify(changed, syscall.SIGHUP)
	go func() {
		for range changed {
			readConfig()
		}
	}()

	var served window
	router := gin.New()
	router.Use(gin.Recovery())
	router.GET("/health", func(ctx *gin.Context) { ctx.Status(http.StatusNoContent) })
	router.GET("/", func(ctx *gin.Context) {
		c := current.Load()
		if served.isFull(c.Limit.Requests) {
			ctx.String(http.StatusTooManyRequests, "too many requests\n")
			return
		}
		ctx.String(http.StatusOK, "%s from pid %d\n", c.Greeting, os.Getpid())
	})

	address := "127.0.0.1:4805"
	if port := os.Getenv("PORT"); port != "" {
		address = "127.0.0.1:" + port
	}
	server := &http.Server{Addr: address, Handler: router, ReadHeaderTimeout: 5 * time.Second}
	asked, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() {
		log.Printf("http://%s", address)
		if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
			log.Fatal(err)
		}
	}()

	<-asked.Done()
	ending, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	if err := server.Shutdown(ending); err != nil {
		log.Print(err)
	}
}
