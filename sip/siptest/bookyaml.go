package siptest

import "io"

func parseBook(r io.Reader) (Book, error) { return Book{}, nil }
func (b *Book) check(s *sounds) error     { return nil }
