// Edit this line while `reload` runs, save, and ask again.
export const greeting = "Hello from reload";
