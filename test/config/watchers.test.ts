import { describe, expect, test } from "vitest";
import { aboutBuild, aboutWatcher, isRunner } from "../../src/config/projects/watchers.ts";
import { newProject } from "../rig/project.ts";

const words = (line: string): readonly [string, ...string[]] => {
  const [first = "", ...rest] = line.split(" ");
  return [first, ...rest];
};

describe("a command that watches by itself is said, as a list and as a line of the shell:", () => {
  test.each([
    ["uvicorn main:app --reload", /^uvicorn --reload .*leave --reload out$/],
    ["python -m uvicorn --reload main:app", /^uvicorn --reload/],
    [".venv/bin/gunicorn -w 2 --reload app:app", /^gunicorn --reload/],
    ["flask --app x run --debug", /^flask --debug/],
    ["flask --debug run", /^flask --debug/],
    ["fastapi dev main.py", /^fastapi dev/],
    ["python manage.py runserver 8000", /runserver .*add --noreload$/],
    ["python manage.py runserver_plus", /runserver_plus .*add --noreload$/],
    ["nodemon server.js", /^nodemon .*command inside it$/],
    ["npx nodemon server.js", /^nodemon/],
    ["./node_modules/.bin/ts-node-dev src/index.ts", /^ts-node-dev/],
    ["node --watch server.js", /^node --watch .*leave --watch out$/],
    ["node --inspect --watch-path=src server.js", /^node --watch-path=src/],
    ["tsx watch src/index.ts", /^tsx watch .*leave watch out$/],
    ["bun --hot server.ts", /^bun --hot/],
    ["deno run --allow-net --watch main.ts", /^deno --watch/],
    ["nest start --watch", /^nest --watch/],
    ["cargo watch -x run", /^cargo watch .*command inside it$/],
    ["dotnet watch run", /^dotnet watch/],
    ["watchexec -r -- go run .", /^watchexec/],
    ["air", /^air .*reads \.air\.toml itself/],
    ["air -c .air.worker.toml", /^air/],
    ["npx vite --port 3000", /^vite .*without reload$/],
    ["next dev", /^next dev/],
    ["esbuild app.ts --bundle --watch", /^esbuild --watch/],
    ["hugo server", /^hugo server/],
    ["npx -y nodemon@3 app.js", /^nodemon/],
    ["/home/me/go/bin/air -c x", /^air/],
    ["node node_modules/vite/bin/vite.js", /^vite/],
    ["FLASK_DEBUG=1 flask run", /^FLASK_DEBUG .*add --no-reload$/],
    ["docker compose up --watch", /^docker compose up --watch/],
    ["rollup -cw", /^rollup -cw .*leave -cw out$/],
    ["sass --watch a:b", /^sass --watch/],
    ["npx jest --watchAll", /^jest --watchAll/],
    ["templ generate --watch", /^templ generate --watch/],
    ["pm2 start app.js --watch", /^pm2 --watch/],
    ["./gradlew -t bootRun", /^gradlew -t/],
    ["./mvnw compile quarkus:dev", /quarkus:dev/],
    ["sbt ~run", /^sbt ~/],
    ["gulp watch", /^gulp watch/],
    ["pytest-watch", /^pytest-watch/],
    ["vitest", /^vitest/],
    ["turbo run dev", /^turbo run dev/],
    ["browser-sync start --server", /^browser-sync start/],
    ["npx @11ty/eleventy --serve", /^@11ty\/eleventy --serve .*without reload$/],
    ["webpack-dev-server --hot", /^webpack-dev-server/],
    ["cargo leptos watch", /^cargo leptos watch/],
    ["vite-node --watch src/a.ts", /^vite-node --watch .*leave --watch out$/],
    ["tsc-watch --onSuccess 'node a.js'", /^tsc-watch .*command inside it$/],
    ["adev runserver app.py", /^adev runserver/],
    ["streamlit run app.py", /^streamlit run/],
    ["nitro dev", /^nitro dev/],
    ["robyn app.py --dev", /^robyn --dev/],
  ])("%s", (line, remark) => {
    expect(aboutWatcher(words(line), "/")).toMatch(remark);
    expect(aboutWatcher(`PORT=1 ${line} 2>&1`, "/")).toMatch(remark);
  });

  test("a target of make, and a script that runs another", () => {
    using project = newProject({
      Makefile: "build:\n\tgo build\n\nwatch: build\n\t@echo now\n\t@air -c x\n\nrun:\n\tgo run .\n",
      "package.json": '{"scripts":{"dev":"npm run dev:api","dev:api":"nodemon a.js"}}',
      "deno.json": '{"tasks":{"dev":"deno run --watch main.ts"}}',
    });
    expect(aboutWatcher("make watch", project.directory)).toMatch(/^air/);
    expect(aboutWatcher("make build", project.directory)).toBeUndefined();
    expect(aboutWatcher("npm run -s dev", project.directory)).toMatch(/^nodemon/);
    expect(aboutWatcher(["deno", "task", "dev"], project.directory)).toMatch(/^deno --watch/);
    expect(isRunner("make run", project.directory)).toBe(true);
    expect(isRunner("make build", project.directory)).toBe(false);
  });

  test("npm run dev, by what its script does", () => {
    using project = newProject({ "package.json": '{"scripts":{"dev":"tsx watch src/index.ts","start":"node ."}}' });
    expect(aboutWatcher(["npm", "run", "dev"], project.directory)).toMatch(/^tsx watch/);
    expect(aboutWatcher("pnpm dev", project.directory)).toMatch(/^tsx watch/);
    expect(aboutWatcher(["npm", "start"], project.directory)).toBeUndefined();
  });
});

test.each([
  "uvicorn main:app",
  "uvicorn main:app --host 0.0.0.0",
  "flask run",
  "fastapi run main.py",
  "python manage.py runserver --noreload",
  "node server.js",
  "node --watchful server.js",
  "node dist/watch.js",
  "tsx src/watch.ts",
  "./air-quality serve",
  "./bin/airflow webserver",
  "go run ./cmd/nodemon-clone",
  "vite build",
  "vite preview",
  "next start",
  "esbuild app.ts --bundle --outfile=x.js",
  "./tmp/main --reload",
  "cargo run --bin watch",
  "./air",
  "go run ./cmd/air",
  "node server/vite.js",
  "cat vite.config.ts",
  "./send parcel",
  "vitest run",
  "tsc --watch=false",
  "docker compose up",
  "flask run --debugger",
])("%s is no watcher", (line) => {
  expect(aboutWatcher(words(line), "/")).toBeUndefined();
});

test.each([
  ["go run .", true],
  ["CGO_ENABLED=0 go run ./cmd/api -x", true],
  ["cargo run", true],
  ["npm run dev", true],
  ["node server.js", true],
  ["go build -o ./tmp/main .", false],
  ["go generate ./... && go build -o tmp/main .", false],
  ["go run ./gen && go build -o tmp/main .", false],
  ["npm run build", false],
  ["make", false],
])("%s runs a program: %s", (line, is) => {
  expect(isRunner(line, "/")).toBe(is);
});

test.each([
  ["tsc -w", "the build does not end (tsc -w), so that nothing comes after it: leave -w out"],
  [
    "vite build --watch",
    "the build does not end (vite build --watch), so that nothing comes after it: leave --watch out",
  ],
  [
    "npm run dev",
    "the build does not end (npm run dev), so that nothing comes after it: what runs is cmd under [proc]",
  ],
  [
    "cargo watch -x build",
    "the build does not end (cargo watch), so that nothing comes after it: what runs is cmd under [proc]",
  ],
  [
    "docker compose up",
    "the build does not end (docker compose up), so that nothing comes after it: what runs is cmd under [proc]",
  ],
  ["docker compose up -d", undefined],
  ["docker compose -f a.yml up --detach db", undefined],
  [
    "tail -f build.log",
    "the build does not end (tail -f), so that nothing comes after it: what runs is cmd under [proc]",
  ],
  ["npm run build", undefined],
  ["node build.js", undefined],
  ["go run ./gen && go build .", undefined],
  ["tail -n 3 x", undefined],
])("of a build: %s", (line, remark) => {
  expect(aboutBuild(line, "/")).toBe(remark);
});
