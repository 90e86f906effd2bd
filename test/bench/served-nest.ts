/** A server with Nest as they are at work: TypeORM (whose database is not asked), validation, OpenAPI, tokens. Path → text; `VERSION` is what is saved. */
export const nestFiles: Readonly<Record<string, string>> = {
  "src/main.ts": `import "reflect-metadata";
import { ValidationPipe } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { DocumentBuilder, SwaggerModule } from "@nestjs/swagger";
import { AppModule } from "./app.module";

async function bootstrap() {
  const app = await NestFactory.create(AppModule, { logger: ["error"] });
  app.useGlobalPipes(new ValidationPipe({ whitelist: true, transform: true }));
  SwaggerModule.setup("api", app, SwaggerModule.createDocument(app, new DocumentBuilder().setTitle("app").build()));
  await app.listen(process.env.PORT ?? 3000);
}
void bootstrap();
`,
  "src/app.module.ts": `import { Module } from "@nestjs/common";
import { ConfigModule } from "@nestjs/config";
import { TypeOrmModule } from "@nestjs/typeorm";
import { AppController } from "./app.controller";
import { AppService } from "./app.service";
import { AuthModule } from "./auth/auth.module";
import { UsersModule } from "./users/users.module";

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true }),
    TypeOrmModule.forRoot({ type: "postgres", autoLoadEntities: true, manualInitialization: true }),
    UsersModule,
    AuthModule,
  ],
  controllers: [AppController],
  providers: [AppService],
})
export class AppModule {}
`,
  "src/app.controller.ts": `import { Controller, Get } from "@nestjs/common";
import { AppService } from "./app.service";

@Controller()
export class AppController {
  constructor(private readonly service: AppService) {}
  @Get()
  hello(): string {
    return this.service.hello();
  }
}
`,
  "src/app.service.ts": `import { Injectable } from "@nestjs/common";

@Injectable()
export class AppService {
  hello(): string {
    return "VERSION";
  }
}
`,
  "src/users/user.entity.ts": `import { Column, Entity, PrimaryGeneratedColumn } from "typeorm";

@Entity()
export class User {
  @PrimaryGeneratedColumn()
  id!: number;
  @Column()
  name!: string;
}
`,
  "src/users/create-user.dto.ts": `import { ApiProperty } from "@nestjs/swagger";
import { IsString, MinLength } from "class-validator";

export class CreateUserDto {
  @ApiProperty()
  @IsString()
  @MinLength(1)
  name!: string;
}
`,
  "src/users/users.service.ts": `import { Injectable } from "@nestjs/common";
import { InjectRepository } from "@nestjs/typeorm";
import { Repository } from "typeorm";
import { CreateUserDto } from "./create-user.dto";
import { User } from "./user.entity";

@Injectable()
export class UsersService {
  constructor(@InjectRepository(User) private readonly users: Repository<User>) {}
  all(): Promise<User[]> {
    return this.users.find();
  }
  create(user: CreateUserDto): Promise<User> {
    return this.users.save(user);
  }
}
`,
  "src/users/users.controller.ts": `import { Body, Controller, Get, Post } from "@nestjs/common";
import { ApiTags } from "@nestjs/swagger";
import { CreateUserDto } from "./create-user.dto";
import { User } from "./user.entity";
import { UsersService } from "./users.service";

@ApiTags("users")
@Controller("users")
export class UsersController {
  constructor(private readonly users: UsersService) {}
  @Get()
  all(): Promise<User[]> {
    return this.users.all();
  }
  @Post()
  create(@Body() user: CreateUserDto): Promise<User> {
    return this.users.create(user);
  }
}
`,
  "src/users/users.module.ts": `import { Module } from "@nestjs/common";
import { TypeOrmModule } from "@nestjs/typeorm";
import { User } from "./user.entity";
import { UsersController } from "./users.controller";
import { UsersService } from "./users.service";

@Module({
  imports: [TypeOrmModule.forFeature([User])],
  controllers: [UsersController],
  providers: [UsersService],
})
export class UsersModule {}
`,
  "src/auth/jwt.strategy.ts": `import { Injectable } from "@nestjs/common";
import { PassportStrategy } from "@nestjs/passport";
import { ExtractJwt, Strategy } from "passport-jwt";

@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor() {
    super({ jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(), secretOrKey: "secret" });
  }
  validate(payload: { sub: number }): { id: number } {
    return { id: payload.sub };
  }
}
`,
  "src/auth/auth.module.ts": `import { Module } from "@nestjs/common";
import { JwtModule } from "@nestjs/jwt";
import { PassportModule } from "@nestjs/passport";
import { JwtStrategy } from "./jwt.strategy";

@Module({ imports: [PassportModule, JwtModule.register({ secret: "secret" })], providers: [JwtStrategy] })
export class AuthModule {}
`,
};
