import { Agent } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { createServer, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { until } from "../rig/until.ts";
import { cert, key } from "./certificate.ts";
import { app, ask, front, wire } from "./rig.ts";

describe("a request that comes while nobody serves", () => {
  test("waits, and is answered by a run whose port did not exist when it came", async () => {
    await using proxy = await front();
    const asked = Array.from({ length: 50 }, (_, number) => ask(proxy.port, { path: `/${number}` }));
    await until("50 held requests", () => proxy.proxy.held === 50);
    const seen: string[] = [];
    await using server = await app((request, response) => {
      seen.push(request.url ?? "");
      response.end("new");
    });
    proxy.serve(server.port);
    for (const answer of await Promise.all(asked)) expect(answer.text).toBe("new");
    expect(seen).toHaveLength(50);
  });

  test("is not read: a large upload waits in the kernel, and arrives whole", async () => {
    await using proxy = await front();
    const size = 30 * 1024 * 1024;
    const body = Array.from({ length: 30 }, () => Buffer.alloc(size / 30, 1));
    const asked = ask(proxy.port, { method: "POST", headers: ["Content-Length", String(size)], body });
    await until("a held request", () => proxy.proxy.held === 1);
    let received = 0;
    await using server = await app((request, response) => {
      request.on("data", (chunk: Buffer) => {
        received += chunk.length;
      });
      request.on("end", () => response.end("ok"));
    });
    proxy.serve(server.port);
    expect((await asked).text).toBe("ok");
    expect(received).toBe(size);
  });

  test("is let go in the order in which it came", async () => {
    await using proxy = await front();
    const asked: Promise<unknown>[] = [];
    for (let number = 0; number < 10; number += 1) {
      asked.push(ask(proxy.port, { path: `/${number}` }));
      await until(`${number + 1} held requests`, () => proxy.proxy.held === number + 1);
    }
    const seen: string[] = [];
    await using server = await app((request, response) => {
      seen.push(request.url ?? "");
      response.end();
    });
    proxy.serve(server.port);
    await Promise.all(asked);
    expect(seen).toEqual(Array.from({ length: 10 }, (_, number) => `/${number}`));
  });

  test("gets 503 and when to come again after the time of `hold`", async () => {
    await using proxy = await front({ holdMs: 30 });
    proxy.serve(undefined, { because: "building since 3s" });
    const answer = await ask(proxy.port);
    expect(answer.status).toBe(503);
    expect(answer.headers["retry-after"]).toBe("1");
    expect(answer.text).toContain("building since 3s");
  });

  test("is answered at once where nothing is coming, with what failed", async () => {
    await using proxy = await front();
    const failures = [
      { service: "", stage: "build", message: "build failed", output: "\u001b[31mmain.go:3: <oops>\u001b[0m" },
    ];
    proxy.serve(undefined, { isComing: false, failures });
    const plain = await ask(proxy.port);
    expect(plain.status).toBe(503);
    expect(plain.text).toContain("main.go:3: <oops>");
    expect(plain.text).not.toContain("\u001b");
    const page = await ask(proxy.port, { headers: ["Accept", "text/html"] });
    expect(page.text).toContain("main.go:3: &lt;oops&gt;");
    expect(page.text).toContain("__reload/client.js");
    const program = await ask(proxy.port, { headers: ["Accept", "application/json"] });
    expect(JSON.parse(program.text)).toMatchObject({ status: 503, title: expect.any(String) as string });
  });

  test("is not kept when its client goes", async () => {
    await using proxy = await front();
    const client = await wire(proxy.port, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await until("a held request", () => proxy.proxy.held === 1);
    client.socket.destroy();
    await until("no held request", () => proxy.proxy.held === 0);
  });

  test("is refused where a thousand wait already", async () => {
    await using proxy = await front();
    const clients = await Promise.all(
      Array.from({ length: 1_000 }, () => wire(proxy.port, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")),
    );
    await until("1,000 held requests", () => proxy.proxy.held === 1_000);
    expect((await ask(proxy.port)).status).toBe(503);
    for (const client of clients) client.socket.destroy();
  });
});

describe("between two runs", () => {
  test("an idle connection of a client reaches the new run with its next request", async () => {
    await using proxy = await front();
    await using first = await app((_, response) => response.end("first"));
    await using second = await app((_, response) => response.end("second"));
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let round = 0; round < 100; round += 1) {
      proxy.serve(first.port);
      expect((await ask(proxy.port, { agent })).text).toBe("first");
      proxy.serve(second.port);
      expect((await ask(proxy.port, { agent })).text).toBe("second");
    }
    agent.destroy();
  });

  test("nothing comes to a run that has been drained, whenever another one takes over", async () => {
    const late: number[] = [];
    for (let depth = 0; depth < 24; depth += 1) {
      let isDrained = false;
      await using first = await app((_, response) => {
        if (isDrained) late.push(depth);
        response.end("first");
      });
      await using second = await app((_, response) => response.end("second"));
      const swap = async (): Promise<void> => {
        proxy.serve(second.port, { upstream: { run: 2, host: undefined, port: second.port } });
        await proxy.proxy.drain(1, 60_000);
        isDrained = true;
      };
      await using proxy = await front(
        {},
        {
          async fresh() {
            // So many steps after this answer: between any two that the request takes.
            let chain = Promise.resolve();
            for (let step = 0; step < depth; step += 1) chain = chain.then(() => {});
            void chain.then(swap);
            return { is: "ready" };
          },
        },
      );
      proxy.serve(first.port, { upstream: { run: 1, host: undefined, port: first.port } });
      expect((await ask(proxy.port, { headers: ["Reload-Wait", "1"] })).status).toBe(200);
      await until("the end of the swap", () => isDrained);
    }
    expect(late).toEqual([]);
  });

  test("a GET whose run dies under it is asked again of the next one, a POST is not", async () => {
    await using proxy = await front();
    let posts = 0;
    await using dying = await app((request) => {
      if (request.method === "POST") posts += 1;
      request.socket.destroy();
      proxy.serve(undefined);
    });
    await using next = await app((request, response) => {
      if (request.method === "POST") posts += 1;
      response.end("next");
    });
    proxy.serve(dying.port);
    const asked = ask(proxy.port);
    await until("a held request", () => proxy.proxy.held === 1);
    proxy.serve(next.port);
    expect((await asked).text).toBe("next");
    proxy.serve(dying.port);
    expect(
      (await ask(proxy.port, { method: "POST", headers: ["Content-Length", "1"], body: Buffer.from("x") })).status,
    ).toBe(502);
    expect(posts).toBe(1);
  });

  test("a connection that was open already and is of no use any more costs nobody an answer: a GET is asked again, a POST never uses one", async () => {
    const seen: string[] = [];
    await using server = await app((request, response) => {
      const { socket, method } = request;
      const isUsed = asked.has(socket);
      asked.add(socket);
      seen.push(`${method}${isUsed ? " again" : ""}`);
      // As after a machine has slept: the other side has forgotten it.
      if (isUsed) socket.resetAndDestroy();
      else response.end("ok");
    });
    const asked = new WeakSet<object>();
    await using proxy = await front();
    proxy.serve(server.port);
    for (const method of ["GET", "GET", "POST", "POST"])
      expect(await ask(proxy.port, { method })).toMatchObject({ status: 200, text: "ok" });
    expect(seen).toEqual(["GET", "GET again", "GET", "POST", "POST"]);
  });

  test("a POST that the application answers with 502 is passed on, once", async () => {
    await using proxy = await front();
    let posts = 0;
    await using server = await app((_, response) => {
      posts += 1;
      response.writeHead(502).end("mine");
    });
    proxy.serve(server.port);
    expect((await ask(proxy.port, { method: "POST" })).text).toBe("mine");
    expect(posts).toBe(1);
  });

  test("requests that are under way are waited for, so long at most, and streams are closed at once", async () => {
    await using proxy = await front();
    let finish: (() => void) | undefined;
    await using server = await app((request, response) => {
      if (request.url === "/events") {
        response.writeHead(200, { "Content-Type": "text/event-stream" });
        response.write("data: 1\n\n");
      } else finish = () => response.end("slow");
    });
    proxy.serve(server.port, { upstream: { run: 77, host: undefined, port: server.port } });
    using stream = await wire(proxy.port, "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await until("the first event", () => stream.text().includes("data: 1"));
    const slow = ask(proxy.port, { path: "/slow" });
    await until("a request under way", () => finish !== undefined);
    let isDrained = false;
    const drained = proxy.proxy.drain(77, 60_000).then(() => {
      isDrained = true;
    });
    await until("the end of the stream", () => stream.isClosed);
    expect(isDrained).toBe(false);
    finish?.();
    expect((await slow).text).toBe("slow");
    await drained;
    void ask(proxy.port, { path: "/slow" }).catch(() => {});
    await proxy.proxy.drain(77, 20);
  });

  test("a program may ask which run answered, and be answered by nothing older than what is on disk", async () => {
    let answer: "ready" | "failed" = "failed";
    await using proxy = await front(
      {},
      {
        fresh: async () =>
          answer === "ready"
            ? { is: "ready" }
            : { is: "failed", detail: "main.go:1:1: oops", members: { state: "failed", stage: "build" } },
      },
    );
    await using server = await app((request, response) => response.end(JSON.stringify(request.rawHeaders)));
    proxy.serve(server.port, { upstream: { run: 9, host: undefined, port: server.port } });
    const failed = await ask(proxy.port, { headers: ["Reload-Wait", "1"] });
    expect(failed.status).toBe(503);
    expect(failed.headers["content-type"]).toBe("application/problem+json");
    expect(JSON.parse(failed.text)).toMatchObject({ detail: "main.go:1:1: oops", stage: "build" });
    answer = "ready";
    const ready = await ask(proxy.port, { headers: ["Cookie", "a=1; reload-wait=1; b=2", "Reload-Run", "?"] });
    expect(ready.headers["reload-run"]).toBe("9");
    expect(ready.text).toContain("a=1; b=2");
    expect(ready.text.toLowerCase()).not.toContain("reload-");
    expect((await ask(proxy.port)).headers["reload-run"]).toBeUndefined();
  });

  test("a program that speaks TLS is told so, once, and nobody waits for it", async () => {
    const server = createTlsServer({ key, cert }, (_, response) => response.end("secret"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    await using proxy = await front();
    proxy.serve(typeof address === "object" ? address?.port : undefined);
    for (let round = 0; round < 3; round += 1) {
      const answer = await ask(proxy.port);
      expect(answer.status).toBe(502);
      expect(answer.text).toContain("speaks TLS");
    }
    expect(proxy.warnings).toHaveLength(1);
    server.closeAllConnections();
    server.close();
  });

  test("whoever was asked of a run that crashed does not wait until it is known how that one speaks", async () => {
    const silent: Socket[] = [];
    // It ends under a request; whatever else comes there is never heard of again.
    const dying = createServer((socket) => {
      socket
        .on("error", () => {})
        .once("data", (chunk: Buffer) => {
          if (chunk.toString("latin1").startsWith("GET")) socket.destroy();
          else silent.push(socket);
        });
    });
    await new Promise<void>((resolve) => dying.listen(0, "127.0.0.1", resolve));
    await using next = await app((_, response) => response.end("next"));
    await using proxy = await front();
    const address = dying.address();
    proxy.serve(typeof address === "object" ? address?.port : undefined);
    const asked = ask(proxy.port);
    await until("a question whether it speaks TLS", () => silent.length === 1);
    proxy.serve(next.port);
    expect((await asked).text).toBe("next");
    expect(silent.map(({ destroyed }) => destroyed)).toEqual([false]);
    for (const socket of silent) socket.destroy();
    dying.close();
  });

  test("a run that gives no answer and lives on is not asked again", async () => {
    let asked = 0;
    await using server = await app((request) => {
      asked += 1;
      request.socket.destroy();
    });
    await using proxy = await front();
    proxy.serve(server.port);
    expect((await ask(proxy.port)).status).toBe(502);
    expect(asked).toBe(1);
  });
});
