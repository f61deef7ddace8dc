package main

import (
	"strings"

	"github.com/jackc/pgx/v5"
)

// postgresPeer is a table with a primary key in a PostgreSQL server.
type postgresPeer struct {
	address    string
	connection *pgx.Conn
}

func (p *postgresPeer) version() (string, error) {
	var version string
	err := p.connection.QueryRow(ctx, "show server_version").Scan(&version)
	number, _, _ := strings.Cut(version, " ")
	return "PostgreSQL " + number + ", Unix socket", err
}

func (p *postgresPeer) load(names []string) error {
	var err error
	if p.connection, err = pgx.Connect(ctx, p.address); err != nil {
		return err
	}
	if _, err = p.connection.Exec(ctx, "create table listed (name text primary key)"); err != nil {
		return err
	}
	rows := pgx.CopyFromSlice(len(names), func(index int) ([]any, error) { return []any{names[index]}, nil })
	if _, err = p.connection.CopyFrom(ctx, pgx.Identifier{"listed"}, []string{"name"}, rows); err != nil {
		return err
	}
	_, err = p.connection.Exec(ctx, "analyze listed")
	return err
}

func (p *postgresPeer) has(name string) (bool, error) {
	var listed bool
	err := p.connection.QueryRow(ctx, "select exists (select from listed where name = $1)", name).Scan(&listed)
	return listed, err
}

func (p *postgresPeer) hasAll(names []string) ([]bool, error) {
	rows, err := p.connection.Query(ctx, "select name from listed where name = any($1)", names)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	listed := map[string]bool{}
	for _, name := range found {
		listed[name] = true
	}
	answers := make([]bool, len(names))
	for index, name := range names {
		answers[index] = listed[name]
	}
	return answers, err
}

func (p *postgresPeer) change(add, remove []string) error {
	return pgx.BeginFunc(ctx, p.connection, func(change pgx.Tx) error {
		if _, err := change.Exec(ctx, "insert into listed select unnest($1::text[])", add); err != nil {
			return err
		}
		_, err := change.Exec(ctx, "delete from listed where name = any($1)", remove)
		return err
	})
}
