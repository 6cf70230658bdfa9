"""The product's addresses, and one bare view to compare with: it inserts one row and nothing else."""

import json

from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from gongzhi.config.urls import urlpatterns as product


@csrf_exempt
def bare(request: HttpRequest) -> JsonResponse:
    """Insert one row."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_row (text) VALUES (%s) RETURNING id", [json.loads(request.body)["text"]])
        return JsonResponse({"id": cursor.fetchone()[0]}, status=201)


urlpatterns = [path("bench/", bare), *product]
