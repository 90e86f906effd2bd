// Follows one file with viper, and prints each value that a callback sees.
package main

import (
	"fmt"
	"os"

	"github.com/fsnotify/fsnotify"
	"github.com/spf13/viper"
)

func main() {
	viper.SetConfigFile(os.Args[1])
	if err := viper.ReadInConfig(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	viper.OnConfigChange(func(fsnotify.Event) { fmt.Println(viper.GetInt("port")) })
	viper.WatchConfig()
	fmt.Println(viper.GetInt("port"))
	select {}
}
