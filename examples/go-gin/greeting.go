package main

// Edit this line while `reload` runs, save, and ask again.
const greeting = "Hello"
