// Reads a JSON list of environment files from standard input with godotenv, and writes the list of their variables; null for one that
// it refuses.
package main

import (
	"encoding/json"
	"os"

	"github.com/joho/godotenv"
)

func main() {
	var files []string
	if err := json.NewDecoder(os.Stdin).Decode(&files); err != nil {
		panic(err)
	}
	read := make([]map[string]string, len(files))
	for number, file := range files {
		if variables, err := godotenv.Unmarshal(file); err == nil {
			read[number] = variables
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(read); err != nil {
		panic(err)
	}
}
