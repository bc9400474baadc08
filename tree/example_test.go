package tree_test

import (
	"fmt"
	"time"

	"open-lake.dev/lib/storage/tree"
)

var now = time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)

// photos maps paths to sizes and weighs them by size.
func photos() tree.Tree[int64] {
	t := tree.New(func(size int64) int64 { return size })
	t = t.Set("2025/cat.jpg", 10, now)
	t = t.Set("2025/may/dog.jpg", 20, now)
	return t.Set("2026/owl.jpg", 30, now)
}

func print(t tree.Tree[int64]) {
	for key, size := range t.All() {
		fmt.Println(key, size)
	}
}

func Example() {
	before := photos()
	after, _ := before.Move("old/", "2025/", now)
	print(after)
	fmt.Println(before.Len(), "photos before,", after.Len(), "after")
	// Output:
	// 2026/owl.jpg 30
	// old/cat.jpg 10
	// old/may/dog.jpg 20
	// 3 photos before, 3 after
}

func ExampleNew() {
	t := tree.New(func(text string) int64 { return int64(len(text)) })
	t = t.Set("a/b", "hello", now)
	fmt.Println(t.Len(), t.Weight())
	// Output: 1 5
}

func ExampleTree_Get() {
	size, ok := photos().Get("2025/may/dog.jpg")
	fmt.Println(size, ok)
	_, ok = photos().Get("2025/may") // a directory
	fmt.Println(ok)
	// Output:
	// 20 true
	// false
}

func ExampleTree_Len() {
	year, _ := photos().Dir("2025")
	fmt.Println(photos().Len(), year.Len())
	// Output: 3 2
}

func ExampleTree_Weight() {
	year, _ := photos().Dir("2025")
	fmt.Println(photos().Weight(), year.Weight())
	// Output: 60 30
}

func ExampleTree_Born() {
	t := photos().Set("2026/bee.jpg", 5, now.Add(time.Hour))
	year, _ := t.Dir("2026")
	fmt.Println(year.Born().Format(time.TimeOnly), year.Changed().Format(time.TimeOnly))
	// Output: 00:00:00 01:00:00
}

func ExampleTree_Changed() {
	t, _ := photos().Delete("2025/cat.jpg", now.Add(time.Hour))
	for _, dir := range []string{"2025", "2026"} {
		year, _ := t.Dir(dir)
		fmt.Println(dir, year.Changed().Format(time.TimeOnly))
	}
	// Output:
	// 2025 01:00:00
	// 2026 00:00:00
}

func ExampleTree_Set() {
	before := photos()
	after := before.Set("2025/cat.jpg", 11, now)
	old, _ := before.Get("2025/cat.jpg")
	size, _ := after.Get("2025/cat.jpg")
	fmt.Println(old, size)
	// Output: 10 11
}

func ExampleTree_All() {
	for key, size := range photos().All() {
		fmt.Println(key, size)
	}
	// Output:
	// 2025/cat.jpg 10
	// 2025/may/dog.jpg 20
	// 2026/owl.jpg 30
}

func ExampleTree_Move() {
	t, _ := photos().Move("2026/may", "2025/may", now)
	print(t)
	// Output:
	// 2025/cat.jpg 10
	// 2026/may/dog.jpg 20
	// 2026/owl.jpg 30
}

// The longest key beneath 2025 is may/dog.jpg.
func ExampleTree_LongerThan() {
	fmt.Println(photos().LongerThan("2025", 10))
	fmt.Println(photos().LongerThan("2025", 11))
	// Output:
	// 2025/may/dog.jpg true
	//  false
}

func ExampleTree_Dir() {
	year, ok := photos().Dir("2025/")
	fmt.Println(year.Len(), year.Weight(), ok)
	print(year)
	// Output:
	// 2 30 true
	// cat.jpg 10
	// may/dog.jpg 20
}

func ExampleTree_Swap() {
	_, old, had := photos().Swap("2025/cat.jpg", 11, now)
	fmt.Println(old, had)
	// Output: 10 true
}

func ExampleTree_Delete() {
	t, ok := photos().Delete("2026/owl.jpg", now)
	_, exists := t.Dir("2026/")
	fmt.Println(ok, exists)
	// Output: true false
}

func ExampleTree_Copy() {
	t, _ := photos().Copy("2025/may/", "2026/", now)
	print(t)
	// Output:
	// 2025/cat.jpg 10
	// 2025/may/dog.jpg 20
	// 2025/may/owl.jpg 30
	// 2026/owl.jpg 30
}

func ExampleTree_DeleteDir() {
	t, _ := photos().DeleteDir("2025/", now)
	print(t)
	// Output: 2026/owl.jpg 30
}

func ExampleTree_DeleteValues() {
	t, _ := photos().DeleteValues("2025/", now)
	print(t)
	// Output:
	// 2025/may/dog.jpg 20
	// 2026/owl.jpg 30
}

func ExampleTree_Walk() {
	c := photos().Walk(tree.Walk{Prefix: "2025/", Shallow: true, Values: true, Dirs: true})
	for e, ok := c.Next(); ok; e, ok = c.Next() {
		fmt.Println(e.Key, e.IsDir, e.Dir.Len())
	}
	// Output:
	// 2025/cat.jpg false 0
	// 2025/may/ true 1
}

func ExampleCursor_Next() {
	c := photos().Walk(tree.Walk{Prefix: "2025/", After: "2025/cat.jpg", Values: true})
	e, ok := c.Next()
	fmt.Println(e.Key, e.Value, ok)
	_, ok = c.Next()
	fmt.Println(ok)
	// Output:
	// 2025/may/dog.jpg 20 true
	// false
}

func ExampleCursor_Skip() {
	c := photos().Walk(tree.Walk{Values: true})
	c.Skip(2)
	e, _ := c.Next()
	fmt.Println(e.Key)
	// Output: 2026/owl.jpg
}

func ExampleDiff() {
	before := photos()
	after := before.Set("2025/cat.jpg", 12, now).Set("2026/bee.jpg", 5, now)
	for c := range tree.Diff(before, after) {
		fmt.Println(c.Key, c.Old, c.New)
	}
	// Output:
	// 2025/cat.jpg 10 12
	// 2026/bee.jpg 0 5
}

func ExampleOwner() {
	before, by := photos(), new(tree.Owner)
	after, _, _ := before.SwapBy(by, "2025/cat.jpg", 12, now)
	after, _ = after.DeleteBy(by, "2026/owl.jpg", now)
	for c := range tree.Diff(before, after) {
		fmt.Println(c.Key, c.Old, c.New)
	}
	// Output:
	// 2025/cat.jpg 10 12
	// 2026/owl.jpg 30 0
}

func ExampleBuilder() {
	b := tree.NewBuilder(func(size int64) int64 { return size }, now, now)
	b.Add("2024.jpg", 5)
	b.Dir("2025/", now, now)
	b.Add("2025/cat.jpg", 10)
	t, err := b.Tree()
	print(t)
	fmt.Println(t.Weight(), err)
	// Output:
	// 2024.jpg 5
	// 2025/cat.jpg 10
	// 15 <nil>
}
