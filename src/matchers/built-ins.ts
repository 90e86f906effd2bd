/** What nobody edits as a source, as gitignore patterns by kind: the documentation's list is made from this one. All of it can be taken back (`"!node_modules"`). */

export interface BuiltInIgnores {
  readonly kind: string;
  readonly directories: readonly string[];
  readonly files: readonly string[];
  /** Nobody means these by a pattern: `*.go` is not `.#main.go`. Only an exact name or `!` brings one back. */
  readonly isLitter?: true;
}

/** `core.812`: a process number has seven digits at most. */
const dumps = Array.from({ length: 7 }, (_, more) => `core.[0-9]${"[0-9]".repeat(more)}`);

export const builtInIgnores: readonly BuiltInIgnores[] = [
  {
    kind: "version control",
    isLitter: true,
    directories: [".git", ".hg", ".svn", ".jj", ".sl", ".bzr", "CVS", "_darcs", ".pijul", ".fslckout"],
    // In a worktree or a submodule `.git` is a file.
    files: [".git", ".hg_archival.txt", ".fslckout", "_FOSSIL_"],
  },
  {
    kind: "dependencies",
    directories: ["node_modules", "bower_components", "jspm_packages", ".yarn", ".pnpm-store"],
    files: [".pnp.cjs", ".pnp.loader.mjs"],
  },
  {
    kind: "caches and virtual environments",
    directories: [
      "__pycache__",
      ".venv",
      ".virtualenv",
      ".tox",
      ".nox",
      ".mypy_cache",
      ".pytest_cache",
      ".ruff_cache",
      ".hypothesis",
      ".ipynb_checkpoints",
      ".eggs",
      "*.egg-info",
      ".gradle",
      ".kotlin",
      ".cache",
      ".parcel-cache",
      ".turbo",
      ".vite",
      ".nyc_output",
      ".sass-cache",
      ".terraform",
      ".direnv",
      ".bundle",
      ".dart_tool",
      ".elixir_ls",
    ],
    files: [
      "*.pyc",
      "*.pyo",
      "*.pyd",
      "*$py.class",
      ".eslintcache",
      ".stylelintcache",
      "*.tsbuildinfo",
      "vite.config.*.timestamp-*.mjs",
    ],
  },
  {
    kind: "editors: settings, swap, backup and lock files",
    isLitter: true,
    directories: [".idea", ".vs", ".vscode", ".fleet", ".zed", ".history"],
    files: [
      "*~", // emacs, gedit, Kate, nano, vim: backup
      ".*.sw[a-px]", // vim: swap (.main.go.swp, .swo, …; .swx to try the directory)
      ".sw[a-px]",
      "4913", // vim: may I write in this directory?
      ".*.un~", // vim: undo
      ".#*", // emacs: lock (a dangling link)
      "#*#", // emacs: auto-save
      ".*.kate-swp", // Kate
      "*___jb_tmp___", // JetBrains: safe write
      "*___jb_old___",
      "*___jb_bak___",
      ".goutputstream-*", // gedit and other GLib programs
      ".*.tmp.??????", // many: a temporary beside the file, to be renamed
      ".subl*.tmp", // Sublime Text
      "*.orig.tmp",
      ".~lock.*#", // LibreOffice
      "~$*", // Microsoft Office
      "~WRL*.tmp",
      "*.sublime-workspace",
      ".nfs????????????????????????", // NFS: deleted, but still open
      ".fuse_hidden*", // FUSE: the same
    ],
  },
  {
    kind: "litter of operating systems",
    isLitter: true,
    directories: [
      ".Trash-*",
      ".Trashes",
      ".Spotlight-V100",
      ".fseventsd",
      ".TemporaryItems",
      "$RECYCLE.BIN",
      "System Volume Information",
      "__MACOSX",
    ],
    files: [".DS_Store", "._*", "Thumbs.db", "ehthumbs.db", "desktop.ini", ".directory"],
  },
  // Where the temporary directory lies in the tree.
  { kind: "what `reload` itself writes", directories: ["reload-changed-*"], files: ["reload-fault-*.txt"] },
  // `go build -o app .` tries out the umask beside its output.
  { kind: "what compilers try out", directories: [], files: ["*-go-tmp-umask"] },
  // Delve builds into the working directory.
  {
    kind: "what debuggers and crashes leave",
    directories: [],
    // A number to its end: `core.2d.js` is somebody's source.
    files: ["__debug_bin*", ...dumps, "vgcore.[0-9]*"],
  },
  { kind: "logs", directories: [], files: ["*.log", "*.log.[0-9]*", "nohup.out"] },
  {
    kind: "journals of SQLite",
    directories: [],
    files: [
      "*.db-journal",
      "*.db-wal",
      "*.db-shm",
      "*.sqlite-journal",
      "*.sqlite-wal",
      "*.sqlite-shm",
      "*.sqlite3-journal",
      "*.sqlite3-wal",
      "*.sqlite3-shm",
    ],
  },
];
