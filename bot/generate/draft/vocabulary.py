"""The words by which people say what is sent, what is answered and what is refused; each is a part of a pattern."""

from __future__ import annotations

ARROW = r"(?:->|=>|→|⇒|⟶)"
GIVES = (
    r"giv(?:es?|ing)|gave|return(?:s|ed|ing)?|becomes?|yields?|answer(?:s|ed)?|responds?|replies|outputs?|produces?"
    r"|prints?|equals?|turns into|ergibt|ergeben|gibt|liefert|liefern|wird|werden|wird zu|lautet|donne|renvoie|retourne"
    r"|devient|produit|da|devuelve|retorna|se convierte en|dá|devolve|dà|restituisce|diventa|geeft|levert|wordt|daje"
    r"|zwraca|даёт|дает|возвращает"
)
RESULT = (
    r"results?|answers?|outputs?|responses?|expect(?:s|ed)?|ergebnis\w*|antwort\w*|ausgabe\w*|résultat|réponse|resultado"
    r"|respuesta|risultato"
)
SENDS = (
    r"send(?:s|ing)?|sent|post(?:s|ed|ing)?|given|pass(?:es|ed|ing)?|enters?|submits?|sende[nt]?|schicke[nt]?|gegeben"
    r"|envoyer|envoie|étant donné|enviar|envía|dado|invia|stuur"
)
_ARE = r"(?:is|are|be|gets?|was|were|wird|werden|est|sont|sera|seront|es|son|será|è|viene|sono|é|são|wordt)"
_REFUSED = (
    r"(?:refused|rejected|denied|declined|not (?:accepted|allowed)|abgelehnt|zurückgewiesen|verweigert|refusée?s?"
    r"|rejetée?s?|rechazad[oa]s?|rifiutat[oaie]|recusad[oa]s?|rejeitad[oa]s?|geweigerd|afgewezen)"
)
REFUSED = (
    rf"\b{_ARE}\s+(?:always\s+)?{_REFUSED}\b|\b(?:wird|werden)\s+(?:\w+\s+){{1,3}}?{_REFUSED}\b"
    r"|\b(?:refuses|rejects|declines)\b"
)
