"""Names that are ordinary words too, and the words beside a name that tell a grown-up from a pupil."""

from __future__ import annotations

from typing import Final


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Forenames and surnames that open a sentence, or stand in a plan, without meaning anybody.
ORDINARY: Final = _listed(
    """
    abbey abbot ace alder an and angel apple april archer art ash ashes at august aurora austin australia autumn away baker ball banks
    bar barber barn bath bay be beach bean bear bedford bee bell berlin berry best bill bird birmingham bishop black blossom blue
    board bolton bond book boss boston bow bowl bowler box boy boys bradford branch bread breeze bridge bridges bright brighton
    bristol britain british brook brooks brown buck bull burton bush butcher butler by call cambridge can candy cannon car carlisle
    carol carpenter carter case castle chance chapel chapman chase chelsea cherry chester child china church clay clear clerk cliff
    cloud coach coal cook cool cooper corner cornwall cotton court coventry crane cream cross crow crown curry dad dale dance dawn day
    dean dear december dee deer del denmark der derby devon do dove drake drew drum dublin duke durham east eden else england english
    essex even ever fair faith falls farm farmer father favour february fern field fielding fields finch fire first fish fisher fleet
    flint flood flower flowers foot ford forest forge forth foster fountain fox france frank freedom french friday friend frost game
    garden gardener garland gate gates gay gem gene georgia german girl glass glen glover go god gold golden good grace grand grant
    grass gray green grey grove halifax hall ham hampshire hand hands happy hardy harmony harrow has haven hawk haze head heal heart
    heath heaven help her herd here heron hill hills him his holiday holland home honest honey hood hook hope horn house how hull hunt
    hunter in india indiana ireland irish iron is island isle israel italy ivory january jersey jet jewel job jordan joy joyce judge
    july june just justice kent key keys kind king kings kit kite knight la lake lamb lancaster lane lark late law lawn lea lead
    leader leaf lee leeds leicester lever lime lincoln link little loch lock london long lot lourdes love low luck lucky lush main
    major maker malta man manor march mark marks marsh mason master may mead meadow meadows mercy merry milan miles mill miller mills
    mine moat monday moon moor moore moss most mother mum music my nan nap new newman newton night nightingale noble noon norfolk
    north november nurse oak ocean october old on only or order oxford page pale palmer paris park parks parsons past pat patch
    patience peace peach peel pen penny people pepper petal piper place plant plum pole pond pool poole pope porter post pot potter
    potts pound power precious preston price pride priest prime prince promise pure quick rain rainbow ray read reading reason reed
    reef reel rest rich ridge ring river rivers road rob rock rod rome rose row royal rule rush russet sad sage sail sailor sale salt
    salter sand sands sandy saturday school scotland scott sea seal seed self senior september shade share sharp shepherd ship shore
    short silver singer skill sky small smart so sole south spain spark sparks speed spring stable stack stafford star start steel
    step stern steward still stock stone storm story street strong sue summer summers sun sunday sunny sussex swallow swan sweet swift
    sydney tab tailor talent tanner taylor teal temple that the thorn thursday tide tiger till times to toll town towns treasure tree
    true tuesday tutor underwood unity up vale valley van velvet victor victory von wade wait wales walk walker wall walls war ward
    wares warwick water waters way weaver wednesday weir wells welsh wessex west wheat wheeler while white wild will wills win
    winchester windsor winter winters wise wish wolf wood woods woodward work worth wright yard year york young
    """
)
# Parts of a surname that name nobody by themselves.
PARTICLES: Final = _listed(
    "abu al ap ben bin bint da das de del della der di dos du el ferch ibn la le mac mc san st ten ter van von"
)
TITLES: Final = _listed(
    """
    mr mrs miss ms mx dr sir madam coach nurse pc pcso doctor professor prof rev reverend lord lady dame
    mum mummy mam dad daddy aunt auntie aunty uncle nan nana nanny gran granny grandma grandad granddad grandpa
    senco sendco ewo gp ta lsa hlta dsl elsa hoy
    """
)
# Titles that are verbs without their capital: "do not miss Ignatia".
TITLE_VERBS: Final = frozenset({"miss", "coach", "nurse"})
CHILD_WORDS: Final = _listed(
    "boy boys girl girls lad lads lass kid kids child children twin twins brother brothers sister sisters sibling siblings"
)
RELATIONS: Final = _listed(
    "mum mums mummy mam mother dad dads daddy father parent parents nan gran family brother sister house"
)
# Inside a bracket after a name, or after a comma where little else stands: whose name it is.
JOBS: Final = (
    r"(?:head|deputy|assistant|SENCO|SENDCO|teacher|tutor(?!\W+group)|learning mentor|officer|nurse|worker|manager|lead|"
    r"receptionist|counsellor|GP|doctor|therapist|psychologist|interpreter|governor|EWO|DSL|ELSA)"
)
KIN: Final = r"(?:mum|dad|mother|father|parent|carer|nan|gran\w*|aunt\w*|uncle|(?:step|foster)\W?(?:mum|dad|mother|father|carer|parent))"
