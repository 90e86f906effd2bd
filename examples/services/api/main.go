package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
)

const sign = "!"

func greeting() (string, error) {
	text, err := os.ReadFile("../shared/greeting.json")
	if err != nil {
		return "", err
	}
	var shared struct{ Hello string }
	err = json.Unmarshal(text, &shared)
	return shared.Hello, err
}

func main() {
	hello, err := greeting()
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) {})
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "%s from the API%s\n", hello, sign)
	})
	address := "127.0.0.1:" + os.Getenv("PORT")
	fmt.Println("http://" + address)
	log.Fatal(http.ListenAndServe(address, nil))
}
