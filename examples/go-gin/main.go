// A small Gin server: a page from a template, a configuration file read at start, and an orderly end.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/gin-gonic/gin"
)

type config struct {
	Name string `json:"name"`
}

func readConfig(path string) (config, error) {
	var c config
	text, err := os.ReadFile(path)
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(text, &c)
}

func newRouter(c config) *gin.Engine {
	router := gin.New()
	router.Use(gin.Recovery())
	router.LoadHTMLGlob("templates/*.tmpl")
	router.GET("/health", func(ctx *gin.Context) { ctx.Status(http.StatusNoContent) })
	router.GET("/", func(ctx *gin.Context) {
		ctx.HTML(http.StatusOK, "hello.tmpl", gin.H{"Title": "Gin", "Greeting": greeting, "Name": c.Name})
	})
	return router
}

func main() {
	gin.SetMode(gin.ReleaseMode)
	c, err := readConfig("config.json")
	if err != nil {
		log.Fatal("config.json: ", err)
	}
	address := "127.0.0.1:4801"
	if port := os.Getenv("PORT"); port != "" {
		address = "127.0.0.1:" + port
	}
	server := &http.Server{Addr: address, Handler: newRouter(c), ReadHeaderTimeout: 5 * time.Second}

	asked, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() {
		log.Printf("http://%s", address)
		if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
			log.Fatal(err)
		}
	}()

	<-asked.Done()
	// Finish what is being answered, take nothing new.
	ending, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	if err := server.Shutdown(ending); err != nil {
		log.Print(err)
	}
}
