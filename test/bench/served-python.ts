/** Servers of Python as they are at work: data frames, a database, settings and interfaces, in files of their own. */

export const fastapiFiles: Readonly<Record<string, string>> = {
  "app/__init__.py": "",
  "app/settings.py": `from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    database: str = "sqlite://"


settings = Settings()
`,
  "app/database.py": `from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker
from sqlalchemy.pool import StaticPool

from .settings import settings


class Base(DeclarativeBase):
    pass


class Sale(Base):
    __tablename__ = "sales"
    id: Mapped[int] = mapped_column(primary_key=True)
    amount: Mapped[float]


engine = create_engine(settings.database, poolclass=StaticPool, connect_args={"check_same_thread": False})
Base.metadata.create_all(engine)
Session = sessionmaker(engine)
with Session.begin() as session:
    session.add_all(Sale(amount=amount) for amount in (1.5, 2.5))
`,
  "app/greeting.py": `greeting = "VERSION"\n`,
  "app/reports.py": `import pandas as pd
from sqlalchemy import select

from .database import Sale, engine


def total() -> float:
    return float(pd.read_sql(select(Sale), engine)["amount"].sum())
`,
  "main.py": `from fastapi import FastAPI
from pydantic import BaseModel

from app.greeting import greeting
from app.reports import total


class Answer(BaseModel):
    greeting: str
    total: float


app = FastAPI()


@app.get("/")
def hello() -> Answer:
    return Answer(greeting=greeting, total=total())
`,
};

export const djangoFiles: Readonly<Record<string, string>> = {
  "manage.py": `import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
`,
  "shop/__init__.py": "",
  "shop/settings.py": `SECRET_KEY = "x"
DEBUG = True
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "shop.urls"
INSTALLED_APPS = [
    *("django.contrib." + name for name in ("admin", "auth", "contenttypes", "sessions", "messages", "staticfiles")),
    "rest_framework",
    "sales",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
STATIC_URL = "static/"
`,
  "shop/urls.py": `from django.contrib import admin
from django.urls import path
from sales.views import Hello

urlpatterns = [path("", Hello.as_view()), path("admin/", admin.site.urls)]
`,
  "sales/__init__.py": "",
  "sales/models.py": `from django.db import models


class Sale(models.Model):
    amount = models.FloatField()
`,
  "sales/views.py": `from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from .greeting import greeting
from .models import Sale


class Shown(serializers.ModelSerializer):
    class Meta:
        model = Sale
        fields = ["amount"]


class Hello(APIView):
    authentication_classes = []

    def get(self, request):
        return Response({"greeting": greeting, "sale": Shown(Sale(amount=2.5)).data})
`,
  "sales/greeting.py": `greeting = "VERSION"\n`,
};
