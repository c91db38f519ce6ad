"""The words that `agent.sdk.claims` knows a claim by: one concept, its kind, and how it is said in English and its neighbours.

A concept that is missing here is a claim that goes unseen; one too many makes a draft lose a sentence. So these are the claims that sell,
that are checked by law or that cost money when wrong, and not every adjective.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal


@dataclass(frozen=True, slots=True)
class Concept:
    kind: Literal["material", "quality", "promise"]
    name: str
    pattern: re.Pattern[str]


_MATERIALS = {
    "cotton": r"cottons?|baumwoll\w*|coton|algod[oó]n|algodão|cotone|katoen\w*",
    "linen": r"linen|leinen\w*|lin(?= lavé)|lino|linho|linnen",
    "wool": r"wool\w*|wolle|woll\w+|laine|lana|lã|wol",
    "merino": r"merino\w*",
    "cashmere": r"cashmere|kaschmir\w*|cachemire|cachemir|kasjmier",
    "silk": r"silk\w*|seide\w*|soie|seda|seta|zijde\w*",
    "hemp": r"hemp|hanf\w*|chanvre|cáñamo|canapa|hennep",
    "leather": r"leather|leder\w*|cuir|cuero|couro|cuoio|pelle",
    "polyester": r"polyester",
    "nylon": r"nylon",
    "viscose": r"viscose|viskose|rayon|modal|lyocell|tencel",
    "down": r"goose down|duck down|daunen\w*",
    "oak": r"oak\w*|eiche\w*|chêne|roble|rovere|eiken\w*",
    "walnut": r"walnut|walnuss\w*|nussbaum\w*|noyer|nogal|noce",
    "beech": r"beech\w*|buche\w*|hêtre|haya|faggio|beuken\w*",
    "ash": r"ash ?wood|eschenholz",
    "maple": r"maple|ahorn\w*|érable",
    "teak": r"teak\w*",
    "bamboo": r"bamboo|bambus\w*|bambou|bambú|bambù|bamboe",
    "cork": r"cork|kork\w*|liège|corcho|sughero|kurk",
    "wood": r"wood|wooden|holz|hölzern\w*|bois|madera|madeira|legno|hout\w*",
    "ceramic": r"ceramics?|keramik\w*|céramique|cerámica|ceramica|keramiek",
    "stoneware": r"stoneware|steinzeug\w*|steingut|grès|gres",
    "porcelain": r"porcelain|bone china|porzellan\w*|porcelaine|porcelana|porcellana|porselein\w*",
    "earthenware": r"earthenware|terracotta|terrakotta",
    "enamel": r"enamel\w*|emaille\w*|émail\w*|esmalt\w*|smalt\w*",
    "glass": r"glass(?!es\b)|borosilicate|glas|verre|vidrio|vetro",
    "crystal": r"crystal|kristall\w*|cristal|cristallo",
    "steel": r"(?:stainless )?steel|edelstahl\w*|stahl|acier|acero|acciaio|rvs|roestvrij",
    "iron": r"cast iron|iron|gusseisen\w*|fonte|hierro|ghisa|gietijzer",
    "aluminium": r"alumini?um",
    "brass": r"brass|messing\w*|laiton|latón|ottone",
    "copper": r"copper|kupfer\w*|cuivre|cobre|rame",
    "gold": r"(?:solid |real |18k |14k |24k )gold|gold[- ]plated|vergoldet\w*|plaqué or",
    "silver": r"sterling(?: silver)?|solid silver|925 silver|sterlingsilber",
    "marble": r"marble|marmor\w*|marbre|mármol|marmo|marmer",
    "plastic": r"plastics?|kunststoff\w*|plastik|plastique|plástico|plastica",
    "silicone": r"silicone|silikon\w*|silicona",
    "rubber": r"rubber|gummi|caoutchouc|caucho|gomma",
    "beeswax": r"beeswax|bienenwachs\w*|cire d[’']abeille|cera de abeja|bijenwas",
    "soy": r"soy(?:a)? wax|sojawachs",
    "paraffin": r"paraffin\w*",
    "paper": r"recycled paper|kraft paper",
    "jute": r"jute",
    "rattan": r"rattan|wicker",
    "velvet": r"velvet|samt",
    "fleece": r"fleece",
}
_QUALITIES = {
    "organic": r"organic\w*|bio-?(?:baumwolle|leinen|qualität)|biologique|ecológic[oa]|biologic[oa]|biologisch\w*",
    "vegan": r"vegan\w*|végane?|vegetalian\w*",
    "fair trade": r"fair[- ]?trade|fairly (?:made|traded|paid)|fair gehandelt|commerce équitable|comercio justo",
    "sustainable": r"sustainab\w+|eco[- ]?friendly|environmentally friendly|nachhaltig\w*|umweltfreundlich\w*|durables?\b(?= et)"
    r"|sostenible\w*|sostenibil\w*"
    r"|duurzame?|green(?:er)? choice|planet[- ]friendly|climate[- ]neutral|klimaneutral\w*|carbon[- ]neutral|zero[- ]waste|plastic[- ]free",
    "recycled": r"recycled|upcycled|recycelt\w*|recyclés?|recyclées?|reciclad[oa]s?|riciclat\w+|gerecycleerd\w*",
    "recyclable": r"recyclable|recycelbar\w*",
    "biodegradable": r"biodegradable|compostable|biologisch abbaubar\w*|kompostierbar\w*",
    "handmade": r"hand[- ]?(?:made|crafted|poured|painted|thrown|knitted|knit|woven|stitched|sewn|blown|finished|forged|cut|rolled|dyed"
    r"|turned|carved)"
    r"|made by hand|by hand|handgemacht\w*|handgefertigt\w*|von hand|fait[es]* (?:à la )?main|hecho a mano|fatt[oa] a mano|handgemaakt\w*"
    r"|artisan\w*",
    "natural": r"all[- ]natural|100 ?% natural|purely natural|rein natürlich\w*",
    "dishwasher": r"dishwasher[- ]?(?:safe|proof)|dishwashers?|spülmaschinen\w*|lave[- ]vaisselle|lavavajillas|lavastoviglie|vaatwas\w*",
    "microwave": r"microwav\w+|mikrowelle\w*|micro[- ]ondes|microondas",
    "oven": r"oven[- ]?(?:safe|proof)|backofen\w*",
    "food safe": r"food[- ]?safe|lebensmittelecht\w*",
    "machine washable": r"machine[- ]?wash\w*|wash(?:es|ed)? (?:it )?(?:in|by) (?:the |a )?(?:washing )?machine|waschmaschine\w*"
    r"|maschinenwaschbar\w*|lavable en machine",
    "hand wash": r"hand[- ]?wash\w*|handwäsche",
    "waterproof": r"water[- ]?(?:proof|resistant|repellent)|wasserdicht\w*|wasserabweisend\w*|imperméable|impermeable",
    "hypoallergenic": r"hypo-?allergen\w*|antibacterial|antimicrobial|antibakteriell\w*",
    "non-toxic": r"non[- ]?toxic|lead[- ]free|bpa[- ]?free|bpa-frei|phthalate[- ]free|chemical[- ]free|ungiftig\w*",
    "cruelty free": r"cruelty[- ]free|not tested on animals|tierversuchsfrei\w*",
    "certified": r"certifi\w+|zertifizier\w*|gots|oeko-?tex|fsc|certifié\w*",
    "award": r"award[- ]winning|awards?\b|prize[- ]winning|preisgekrönt\w*|primé\w*",
    "bestselling": r"best[- ]?sell\w+|most popular|customer favou?rites?|#1|number one|world[’']?s (?:best|finest|softest)|meistverkauft\w*"
    r"|the best\b",
    "trusted": r"thousands of (?:happy )?(?:customers|people)|loved by|everyone[’']s favou?rite|as seen (?:in|on)|recommended by",
    "medical": r"clinically|dermatolog\w+|doctor[- ]\w+|cures?\b|heals?\b|relieves?\b|therapeutic|medicinal|boosts? your immun\w+",
    "limited": r"limited[- ]edition|limited time|only a few left|few left|last chance|selling fast|almost gone|today only"
    r"|while stocks? lasts?|exclusive\w*"
    r"|nur noch wenige|limitiert\w*|édition limitée|edición limitada",
    "family": r"family[- ](?:run|owned)|since (?:18|19|20)\d\d|for generations|familienbetrieb\w*|entreprise familiale",
    "heirloom": r"lasts? (?:a )?(?:lifetime|forever|for (?:years|decades|generations))|unbreakable|indestructible|hält ein leben lang",
    "local": r"locally (?:made|sourced|grown)|homegrown|small[- ]batch|regional hergestellt",
    "medium": r"fits everyone|one size fits all|true to size",
}  # fmt: skip
_PROMISES = {
    "refund": r"refund\w*|money[- ]back|(?:your )?money again|reimburs\w+|rückerstatt\w*|erstatt\w+|geld zurück|rembours\w+|reembols\w+"
    r"|rimbors\w+|terugbetal\w*",
    "replacement": r"replacements?|replac(?:e|ing) (?:it|the|your|them)|send(?:ing)? (?:you )?(?:a|another|the) new|new one (?:to you|free)"
    r"|ersatz\w*|exchange (?:it|them)"
    r"|remplac\w+|reemplaz\w+|sostitu\w+",
    "compensation": r"compensat\w+|make it up to you|goodwill|entschädig\w*|dédommag\w+",
    "discount": r"discounts?|vouchers?|coupons?|\d+ ?% off|rabatt\w*|gutschein\w*|réduction|remise|descuent\w+|sconto|korting\w*"
    r"|gift card(?= (?:for you|on us))|credit note|store credit",
    "free": r"for free|free of charge|on the house|on us\b|free (?:gift|sample|shipping|delivery|returns?|postage|exchange|wrapping)|gratis"
    r"|kostenlos\w*|gratuit\w*"
    r"|versandkostenfrei\w*|complimentary",
    "guarantee": r"guarante\w+|warrant(?:y|ies)|garanti\w*|garantía|risk[- ]free|satisfaction or",
    "fast delivery": r"next[- ]day|same[- ]day|express (?:shipping|delivery)|overnight|ships? (?:today|within)|arrives? (?:today|within|by)"
    r"|in time for christmas",
    "returns": r"(?:free|easy|hassle[- ]free|no[- ]questions[- ]asked) (?:returns?|exchanges?)|return it (?:within|any ?time)|rückgaberecht",
    "recall": r"will never happen again|won[’']t happen again",
}  # fmt: skip


@cache
def concepts() -> tuple[Concept, ...]:
    """All of them; made when a text is first checked, since a start that checks none need not wait for it."""
    kinds: list[tuple[Literal["material", "quality", "promise"], Mapping[str, str]]] = [
        ("material", _MATERIALS), ("quality", _QUALITIES), ("promise", _PROMISES),
    ]  # fmt: skip
    return tuple(Concept(kind, name, re.compile(rf"(?<!\w)(?:{said})(?!\w)", re.I)) for kind, table in kinds for name, said in table.items())


IMPLIES: Mapping[str, tuple[str, ...]] = {
    "merino": ("wool",), "cashmere": ("wool",), "oak": ("wood",), "walnut": ("wood",), "beech": ("wood",), "ash": ("wood",), "maple": ("wood",),
    "teak": ("wood",), "stoneware": ("ceramic",), "porcelain": ("ceramic",), "earthenware": ("ceramic",), "crystal": ("glass",),
}  # fmt: skip
"""A thing of the one material is truly said to be of the other."""

_UNITS = {
    "ml": "ml millilitres milliliters", "cl": "cl", "l": "l litre litres liter liters", "g": "g gr gram grams", "kg": "kg kilo kilos",
    "oz": "oz ounce ounces", "mm": "mm", "cm": "cm centimetres centimeters", "m": "m metres meters", "in": "inch inches", "w": "w watt watts",
    "gsm": "gsm", "min": "minute minutes min", "h": "hour hours stunden heures",
    "d": "day days tage tagen jours días giorni dagen", "wk": "week weeks wochen semaines", "mo": "month months monate mois",
    "y": "year years jahre ans años anni jaar", "star": "star stars", "%": "percent prozent", "k": "karat k", "pc": "piece pieces pcs",
    "times": "times",
}  # fmt: skip
UNITS: Mapping[str, str] = {said: unit for unit, words in _UNITS.items() for said in words.split()}
NUMBER_WORDS: Mapping[str, int] = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "fourteen": 14,
    "twenty": 20, "thirty": 30, "fifty": 50, "hundred": 100,
}  # fmt: skip
