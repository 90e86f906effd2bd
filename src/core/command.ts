/** A command as the user wrote it: a string goes to the shell (`sh -c`, on Windows `cmd /d /s /c`), a list is run as it is with argv untouched. */
export type Command = string | readonly [string, ...string[]];
