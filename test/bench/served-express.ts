/** Servers with Express as they are at work, with what most of them have: JavaScript, and TypeScript for tsx. Nothing is connected to. Path → text; `VERSION` is what is saved. */
export const expressFiles: Readonly<Record<string, string>> = {
  "server.js": `require("dotenv").config({ quiet: true });
const express = require("express");
const helmet = require("helmet");
const cors = require("cors");
const morgan = require("morgan");
const compression = require("compression");
const cookies = require("cookie-parser");
const { rateLimit } = require("express-rate-limit");
const pino = require("pino");
const { Sequelize } = require("sequelize");
const users = require("./src/users");
const files = require("./src/files");
const { greeting } = require("./src/greeting");

const log = pino({ level: "warn" });
const app = express();
app.use(helmet(), cors(), compression(), cookies(), express.json());
app.use(morgan("tiny", { skip: () => true }), rateLimit({ windowMs: 60_000, limit: 1_000_000 }));
app.use("/users", users(new Sequelize("postgres://localhost/app", { logging: false })));
app.use("/files", files());
app.get("/", (_, answer) => answer.send(greeting));
app.listen(process.env.PORT, () => log.info("listening"));
`,
  "src/greeting.js": `exports.greeting = "VERSION";
`,
  "src/users.js": `const { Router } = require("express");
const { DataTypes } = require("sequelize");
const { z } = require("zod");
const jwt = require("jsonwebtoken");
const bcrypt = require("bcryptjs");
const axios = require("axios");
const nodemailer = require("nodemailer");
const _ = require("lodash");
const Credentials = z.object({ name: z.string().min(1), password: z.string().min(8) });
module.exports = (db) => {
  const User = db.define("User", { name: DataTypes.STRING, hash: DataTypes.STRING });
  const mail = nodemailer.createTransport({ host: "localhost" });
  const routes = Router();
  routes.post("/", async (request, answer) => {
    const { name, password } = Credentials.parse(request.body);
    const user = await User.create({ name, hash: await bcrypt.hash(password, 8) });
    await mail.sendMail({ to: name, subject: "Welcome" });
    answer.json(_.pick(user, ["id", "name"]));
  });
  routes.post("/token", (request, answer) => answer.json(jwt.sign({ name: request.body.name }, "secret")));
  routes.get("/elsewhere", async (_, answer) => answer.json((await axios.get("http://localhost/users")).data));
  return routes;
};
`,
  "src/files.js": `const { Router } = require("express");
const multer = require("multer");
const Redis = require("ioredis");
const { S3Client, PutObjectCommand } = require("@aws-sdk/client-s3");
module.exports = () => {
  const redis = new Redis({ lazyConnect: true });
  const routes = Router();
  routes.post("/", multer().single("file"), async (request, answer) => {
    const s3 = new S3Client({ region: "eu-central-1" });
    await s3.send(new PutObjectCommand({ Bucket: "files", Key: request.file.originalname, Body: request.file.buffer }));
    answer.json(await redis.incr("files"));
  });
  return routes;
};
`,
};

export const typedExpressFiles: Readonly<Record<string, string>> = {
  "src/index.ts": `import "dotenv/config";
import compression from "compression";
import cookies from "cookie-parser";
import cors from "cors";
import express, { type Request, type Response } from "express";
import { rateLimit } from "express-rate-limit";
import helmet from "helmet";
import morgan from "morgan";
import pino from "pino";
import { Sequelize } from "sequelize";
import { files } from "./files";
import { greeting } from "./greeting";
import { users } from "./users";

const log = pino({ level: "warn" });
const app = express();
app.use(helmet(), cors(), compression(), cookies(), express.json());
app.use(morgan("tiny", { skip: () => true }), rateLimit({ windowMs: 60_000, limit: 1_000_000 }));
app.use("/users", users(new Sequelize("postgres://localhost/app", { logging: false })));
app.use("/files", files());
app.get("/", (_: Request, answer: Response) => void answer.send(greeting));
app.listen(Number(process.env["PORT"]), () => log.info("listening"));
`,
  "src/greeting.ts": `export const greeting: string = "VERSION";
`,
  "src/users.ts": `import axios from "axios";
import bcrypt from "bcryptjs";
import { type Request, type Response, Router } from "express";
import jwt from "jsonwebtoken";
import _ from "lodash";
import nodemailer from "nodemailer";
import { DataTypes, type Sequelize } from "sequelize";
import { z } from "zod";

const Credentials = z.object({ name: z.string().min(1), password: z.string().min(8) });

export function users(db: Sequelize): Router {
  const User = db.define("User", { name: DataTypes.STRING, hash: DataTypes.STRING });
  const mail = nodemailer.createTransport({ host: "localhost" });
  const routes = Router();
  routes.post("/", async (request: Request, answer: Response) => {
    const { name, password } = Credentials.parse(request.body);
    const user = await User.create({ name, hash: await bcrypt.hash(password, 8) });
    await mail.sendMail({ to: name, subject: "Welcome" });
    answer.json(_.pick(user.toJSON(), ["id", "name"]));
  });
  routes.post("/token", (request, answer) => void answer.json(jwt.sign({ name: request.body.name }, "secret")));
  routes.get("/elsewhere", async (_request, answer) => void answer.json((await axios.get("http://localhost/users")).data));
  return routes;
}
`,
  "src/files.ts": `import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { type Request, type Response, Router } from "express";
import { Redis } from "ioredis";
import multer from "multer";

export function files(): Router {
  const redis = new Redis({ lazyConnect: true });
  const routes = Router();
  routes.post("/", multer().single("file"), async (request: Request, answer: Response) => {
    const s3 = new S3Client({ region: "eu-central-1" });
    await s3.send(new PutObjectCommand({ Bucket: "files", Key: request.file?.originalname, Body: request.file?.buffer }));
    answer.json(await redis.incr("files"));
  });
  return routes;
}
`,
};
