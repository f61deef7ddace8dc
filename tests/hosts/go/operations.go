package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	interdict "interdict.example/interdict-host"
)

// step is a line of the protocol in fixtures/README.md, "Protocol of a subject".
type step struct {
	Op         string  `json:"op"`
	Now        uint32  `json:"now"`
	In         *string `json:"in"`
	InBase64   *string `json:"in_base64"`
	File       *string `json:"file"`
	FileBase64 *string `json:"file_base64"`
}

type stepAnswer struct {
	Code  int32  `json:"code"`
	Out   string `json:"out"`
	Error string `json:"error,omitempty"`
}

// subject answers operations on one bare instance.
type subject struct {
	module   *interdict.Module
	instance *interdict.Instance
	fixtures string
}

func (s *subject) answer(line []byte) (stepAnswer, error) {
	var asked step
	if err := json.Unmarshal(line, &asked); err != nil {
		return stepAnswer{}, err
	}
	if asked.Op == "new" || s.instance == nil {
		if s.instance != nil {
			s.instance.Close()
		}
		var err error
		if s.instance, err = interdict.NewInstance(s.module); err != nil || asked.Op == "new" {
			return stepAnswer{}, err
		}
	}
	return s.ask(asked)
}

func (s *subject) ask(asked step) (stepAnswer, error) {
	operation, err := interdict.ParseOperation(asked.Op)
	if err != nil {
		return stepAnswer{}, err
	}
	if file, err := asked.file(s.fixtures); err != nil {
		return stepAnswer{}, err
	} else if file != nil {
		if err := s.instance.File(file); err != nil {
			return stepAnswer{}, err
		}
	}
	var message []byte
	if asked.In != nil {
		message = []byte(*asked.In)
	} else if asked.InBase64 != nil {
		if message, err = base64.StdEncoding.DecodeString(*asked.InBase64); err != nil {
			return stepAnswer{}, err
		}
	}
	answer, err := s.instance.Call(operation, message, asked.Now)
	var refused *interdict.RefusedError
	if errors.As(err, &refused) {
		return stepAnswer{Code: refused.Code, Error: refused.Error()}, nil
	}
	return stepAnswer{Out: string(answer)}, err
}

func (s step) file(fixtures string) ([]byte, error) {
	switch {
	case s.File != nil:
		return os.ReadFile(filepath.Join(fixtures, *s.File))
	case s.FileBase64 != nil:
		file, err := base64.StdEncoding.DecodeString(*s.FileBase64)
		return append([]byte{}, file...), err
	}
	return nil, nil
}
