// Times what gateways ask today, from the side of its client. peers NAMES QUESTIONS REDIS POSTGRES, where REDIS is a
// Unix socket and POSTGRES a connection string. NAMES has a listed name on each line, QUESTIONS a name and 1 or 0.
//
// A command on each line of standard input, PEER and what to do, is answered by a line of JSON:
// load, ask (nanoseconds of questions one by one and in hundreds), update N (changes 200 names and asks for two).
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

const (
	batch   = 100
	changes = 100
)

var ctx = context.Background()

// A peer holds names and says which of some it has.
type peer interface {
	version() (string, error)
	load(names []string) error
	has(name string) (bool, error)
	hasAll(names []string) ([]bool, error)
	change(add, remove []string) error
}

type question struct {
	name   string
	listed bool
}

func main() {
	names := lines(os.Args[1])
	var questions []question
	for _, line := range lines(os.Args[2]) {
		name, listed, _ := strings.Cut(line, " ")
		questions = append(questions, question{name, listed == "1"})
	}
	peers := map[string]peer{
		"redis":    &redisPeer{socket: os.Args[3]},
		"postgres": &postgresPeer{address: os.Args[4]},
		"opa":      &opaPeer{},
	}
	commands := bufio.NewScanner(os.Stdin)
	for commands.Scan() {
		var name, what string
		var number int
		fmt.Sscan(commands.Text(), &name, &what, &number)
		p := peers[name]
		var answer any
		var err error
		switch what {
		case "load":
			begun := time.Now()
			err = p.load(names)
			took := time.Since(begun)
			var version string
			if err == nil {
				version, err = p.version()
			}
			answer = map[string]any{"version": version, "ns": took.Nanoseconds()}
		case "ask":
			answer, err = ask(p, questions)
		case "update":
			answer, err = update(p, names, number)
		}
		if err != nil {
			answer = map[string]any{"error": err.Error()}
		}
		text, _ := json.Marshal(answer)
		fmt.Println(string(text))
	}
}

func lines(path string) []string {
	bytes, err := os.ReadFile(path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return strings.Split(strings.TrimSpace(string(bytes)), "\n")
}

func ask(p peer, questions []question) (any, error) {
	var took []int64
	for _, question := range questions {
		begun := time.Now()
		listed, err := p.has(question.name)
		took = append(took, time.Since(begun).Nanoseconds())
		if err != nil || listed != question.listed {
			return nil, fmt.Errorf("%s: %v, %w", question.name, listed, err)
		}
	}
	slices.Sort(took)
	begun := time.Now()
	for part := range slices.Chunk(questions, batch) {
		names := make([]string, len(part))
		for index, question := range part {
			names[index] = question.name
		}
		listed, err := p.hasAll(names)
		if err != nil {
			return nil, err
		}
		for index, question := range part {
			if listed[index] != question.listed {
				return nil, fmt.Errorf("%s: %v", question.name, listed[index])
			}
		}
	}
	inBatch := time.Since(begun).Nanoseconds() / int64(len(questions))
	return map[string]int64{
		"median": took[len(took)/2], "p99": took[len(took)*99/100], "batch": inBatch,
	}, nil
}

func update(p peer, names []string, number int) (any, error) {
	var add, remove []string
	for index := range changes {
		add = append(add, fmt.Sprintf("n%d.u%d.example", index, number))
		remove = append(remove, names[len(names)-1-index-number*changes])
	}
	begun := time.Now()
	if err := p.change(add, remove); err != nil {
		return nil, err
	}
	there, err := p.has(add[changes-1])
	if err != nil || !there {
		return nil, fmt.Errorf("a new name is not listed, %w", err)
	}
	gone, err := p.has(remove[0])
	if err != nil || gone {
		return nil, fmt.Errorf("a removed name is listed, %w", err)
	}
	return map[string]int64{"ns": time.Since(begun).Nanoseconds()}, nil
}
