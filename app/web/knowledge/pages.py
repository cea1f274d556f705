"""The pages of the knowledge base: what supervisors edit, check, test and publish."""

from fastapi import APIRouter

from app.web.knowledge import entries, files, intents, labelled, overview, queue, trying

router = APIRouter()
for module in (overview, entries, intents, queue, labelled, trying, files):
    router.include_router(module.router)
