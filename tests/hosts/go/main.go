// The Go host for the shared tests: driver FIXTURES. It answers each line of JSON on standard input with one line
// on standard output: lines with "op" on one bare instance, lines with "do" on a gateway. It uses nothing but
// the package's public names.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"

	interdict "interdict.example/interdict-host"
)

func main() {
	fixtures := "."
	if len(os.Args) > 1 {
		fixtures = os.Args[1]
	}
	if err := serve(fixtures, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(fixtures string, input io.Reader, output io.Writer) error {
	module, err := interdict.BuiltInModule()
	if err != nil {
		return err
	}
	subject := &subject{module: module, fixtures: fixtures}
	operator := &operator{module: module}
	lines := bufio.NewReaderSize(input, 1<<20)
	answers := json.NewEncoder(output)
	answers.SetEscapeHTML(false)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			answer, err := answerTo(line, subject, operator)
			if err == nil {
				err = answers.Encode(answer)
			}
			if err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func answerTo(line []byte, subject *subject, operator *operator) (any, error) {
	var told struct {
		Do *string `json:"do"`
	}
	if json.Unmarshal(line, &told) == nil && told.Do != nil {
		return operator.answer(line), nil
	}
	return subject.answer(line)
}
