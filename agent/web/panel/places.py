"""Every page of the panel: which are there, who may see each, and their routes. What is not built or has nothing to show is not in the menu."""

from __future__ import annotations

from litestar.handlers import HTTPRouteHandler

from agent.automation.desk import AutomationDesk
from agent.records import Scope
from agent.runs.saved_prompts import SavedPrompts
from agent.service.versions import StudentVersions
from agent.web.keys_api import Sandboxes
from agent.web.panel.automations import automation_routes
from agent.web.panel.beside import beside_routes
from agent.web.panel.chat import chat_routes
from agent.web.panel.conversations import conversation_routes
from agent.web.panel.decisions import decision_routes
from agent.web.panel.desk import Desk
from agent.web.panel.draft_orders import draft_order_routes
from agent.web.panel.drafts import draft_routes
from agent.web.panel.exports import export_routes
from agent.web.panel.files import file_routes
from agent.web.panel.history import history_routes
from agent.web.panel.installation import Installation
from agent.web.panel.keys import key_routes
from agent.web.panel.pauses import pause_routes
from agent.web.panel.people import people_routes
from agent.web.panel.prompts import prompt_routes
from agent.web.panel.providers import provider_routes
from agent.web.panel.runs import run_routes
from agent.web.panel.settings import settings_routes
from agent.web.panel.shops import shop_routes
from agent.web.panel.sign_in import sign_in_routes
from agent.web.panel.students import student_routes
from agent.web.panel.tasks import task_routes
from agent.web.panel.today import today_routes
from agent.web.panel.usage import usage_routes
from agent.web.panel.webhooks import webhook_routes
from agent.web.spend import Spend
from agent.webhooks.hooks import Webhooks


def places(
    spend: Spend | None,
    students: StudentVersions | None,
    installation: Installation | None,
    automations: AutomationDesk | None,
    prompts: SavedPrompts | None = None,
    webhooks: Webhooks | None = None,
) -> dict[str, Scope]:
    """Pages beyond requests and decisions, each with what one must be allowed to see it: without a model to call there are no providers
    and no pauses."""
    found = {"keys": Scope.ADMIN, "people": Scope.ADMIN}
    found |= {"webhooks": Scope.ADMIN} if webhooks else {}
    found |= {"settings": Scope.READ, "shops": Scope.READ} if installation else {}
    found |= {"automations": Scope.READ} if automations else {}
    found |= {"prompts": Scope.ASK} if prompts else {}
    found |= {"students": Scope.READ} if students else {}
    found |= {"usage": Scope.READ} if spend else {}
    found |= {"pauses": Scope.READ, "providers": Scope.READ} if spend and spend.gateway.targets() else {}
    return found


def panel_routes(
    desk: Desk,
    spend: Spend | None,
    students: StudentVersions | None,
    installation: Installation | None,
    automations: AutomationDesk | None,
    sandboxes: Sandboxes | None = None,
    webhooks: Webhooks | None = None,
) -> list[HTTPRouteHandler]:
    models = [*spend.gateway.aliases, *(target.name for target in spend.gateway.targets())] if spend else ()
    routes = [*conversation_routes(desk), *today_routes(desk), *chat_routes(desk), *beside_routes(desk)]
    routes += [*file_routes(desk), *run_routes(desk), *draft_routes(desk), *export_routes(desk)]
    routes += [*decision_routes(desk), *draft_order_routes(desk)]
    routes += [*history_routes(desk, spend), *task_routes(desk, spend), *sign_in_routes(desk, desk.accounts.people)]
    routes += [*key_routes(desk, models, sandboxes), *people_routes(desk)]
    routes += [*settings_routes(desk, installation), *shop_routes(desk, installation)] if installation else ()
    routes += automation_routes(desk, automations) if automations else ()
    routes += webhook_routes(desk, webhooks) if webhooks else ()
    routes += prompt_routes(desk, desk.kept) if desk.kept else ()
    routes += student_routes(desk, students) if students else ()
    routes += usage_routes(desk, spend) if spend else ()
    routes += [*pause_routes(desk, spend), *provider_routes(desk, spend)] if spend and "providers" in desk.places else ()
    return routes
