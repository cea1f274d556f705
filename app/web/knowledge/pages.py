"""The pages of the knowledge base: what supervisors edit, check, test and publish."""

from fastapi import APIRouter

from app.web.knowledge import entries, files, hearing, intents, labelled, overview, queue, trying

router = APIRouter()
for module in (overview, entries, intents, queue, labelled, trying, hearing, files):
    router.include_router(module.router)
