"""Words that carry grammar, not subject matter: articles, pronouns, prepositions, conjunctions, auxiliary verbs.

They tell languages apart in texts of a few words, and they are no terms that anybody talks about.  Lower case, with
accents; elided forms without their apostrophe.
"""

WORDS = {
    "es": """
        a al algo alguien alguna algunas alguno algunos algún allá allí ante aquel aquella aquello aquí así aun aunque
        aún bajo bien cada casi como con conmigo contigo contra cual cuales cualquier cuando cuanto cuándo cuál cuánto
        cómo de del desde donde dos durante dónde e el ella ellas ello ellos en entonces entre era erais eran eras
        eres es esa esas ese eso esos esta estaba estaban estamos estar estas este esto estos estoy está estáis están
        estás fue fueron fui ha habéis había habían haber hace hacen hacer hacia han has hasta hay he hemos hola hoy
        iba jamás la las le les lo los luego me mi mientras mis mismo mucha muchas mucho muchos muy más mí nada nadie
        ni ninguna ninguno ningún no nos nosotras nosotros nuestra nuestro nunca o os otra otras otro otros para pero
        poco pocos podéis podía por porque pues puede pueden puedo que quien quiero quién qué sabéis se sea sean ser
        será si sido siempre siendo sin sino sobre sois solo somos son soy su sus sí sólo tal también tampoco tan
        tanto te tener tenemos tenéis tengo tenía ti tiene tienen tienes toda todas todavía todo todos tu tus tuve
        tuvo tú un una unas uno unos usted ustedes va vais vamos van vaya veces voy vosotras vosotros vuestra vuestro
        y ya yo él ahora ayer mañana gracias menos mejor peor muchísimo según tras
    """,
    "en": """
        a about above after again against all am an and any are aren't as at be because been before being below
        between both but by can can't cannot could couldn't did didn't do does doesn't doing don't down during each
        ever every few for from further get gets getting got had hadn't has hasn't have haven't having he he's her
        here hers him himself his how i i'd i'll i'm i've if in into is isn't it it's its itself just let's like me
        more most much my myself no nor not now of off on once one only or other our ours out over own please same she
        she's should shouldn't since so some such than thanks that that's the their theirs them then there there's
        these they they're this those though through to too under until up us very was wasn't we we're we've were
        weren't what what's when where which while who whom whose why will with without won't would wouldn't yes yet
        you you're you've your yours yourself im ive dont doesnt didnt cant isnt wont youre thats theres whats today
        tomorrow yesterday always never also even still already
    """,
    "pt": """
        a agora ainda algo alguma algumas alguns alguém algum ali ao aos apenas aquela aquele aqui aquilo as assim até
        bem bom cada com como contra cá da daquela daquele das de dela dele deles depois desde dessa desse desta deste
        disso do dos e ela elas ele eles em embora enquanto entre era eram essa essas esse esses esta estamos estar
        estava estavam estas este estes estive esteve estou está estão eu fazer faz fiz fez foi foram fui gente há
        isso isto já lhe lhes lá mais mas me mesmo meu meus minha minhas muita muitas muito muitos na nada nas nem
        nenhum nenhuma nessa nesse nesta neste ninguém no nos nossa nosso nossos nunca não nós num numa o obrigada
        obrigado olá onde ontem hoje amanhã os ou outra outras outro outros para pela pelas pelo pelos per pois por
        porque porém pode podem posso pouco pra pro qual quais qualquer quando quanto que quem quero quê se seja sem
        sempre sendo ser será seu seus sim sobre sou sua suas são só também tanto te tem temos tenho ter teu tinha
        tive teve tua tudo tão têm toda todas todo todos um uma umas uns vai vamos vão vez você vocês vou à às é eram
        vc né tô tá aquela cadê num menos melhor pior então
    """,
    "fr": """
        a ai aie ainsi alors après as au aucun aucune aujourd'hui aussi autre autres aux avant avec avez avoir avons
        avait avais beaucoup bien bon bonjour c c'est ça car ce ceci cela celle celles celui cet cette ceux chaque
        chez comme comment contre d dans de depuis des deux devant donc dont du déjà elle elles en encore entre es est
        et eu eux faire fait faut fois font hier il ils j j'ai je jamais jusque jusqu'à l la le les leur leurs lors
        lui là m ma mais mal me merci mes mieux moi moins mon même mêmes n ne ni non nos notre nous on ont ou oui où
        par parce pas pendant peu peut peux plus pour pourquoi puis qu quand que quel quelle quelles quelque quels qui
        quoi rien s sa sans se sera ses si soi soit sommes son sont sous suis sur t ta tant te tes toi ton toujours
        tous tout toute toutes trop très tu un une vais va vont vers veux veut voici voilà vos votre vous vraiment y à
        ça étaient était étais étant êtes être été aurait serait demain maintenant
    """,
    "de": """
        ab aber alle allem allen aller alles als also am an andere anderen auch auf aus außer bei beim bin bis bist
        bitte da dabei dafür dagegen damit danke dann daran darauf darüber das dass dasselbe davon dazu dein deine
        deinem deinen deiner dem den denen denn der des deshalb dich die dies diese diesem diesen dieser dieses dir
        doch dort du durch ein eine einem einen einer eines einfach er es etwas euch euer eure für ganz gar gegen
        gerade gern gerne gibt ging habe haben habt hat hatte hatten hier hin hinter heute gestern morgen ich ihm ihn
        ihnen ihr ihre ihrem ihren ihrer im immer in ins ist ja jede jedem jeden jeder jedes jetzt kann kannst kein
        keine keinem keinen keiner können könnte leider man mal mehr mein meine meinem meinen meiner mich mir mit muss
        müssen nach nicht nichts nie noch nun nur ob oder ohne schon sehr sei sein seine seinem seinen seiner seit
        selbst sich sie sind so sollte sondern sonst über um und uns unser unsere unter viel viele vielleicht vom von
        vor wann war waren warum was weg wegen weil weiter welche welcher wem wen wenig wenn wer werde werden wie
        wieder wir wird wirklich wo wollen worden wurde wurden während würde zu zum zur zwar zwischen
    """,
    "it": """
        a abbiamo adesso ai al alcuni alla alle allo allora anche ancora anch avete aveva avevano avere avevo avuto
        bene c c'è che chi ci ciao ciò coi col come con contro così cosa cui d da dagli dai dal dalla dalle dallo
        degli dei del della delle dello dentro di dopo dove due dunque e ecco ed era erano essere faccio fa fai fanno
        fare fatto fin fino fino fra fu già gli grazie ha hai hanno ho i il in infatti invece io l la le lei li lo
        loro lui ma mai me meglio meno mentre mi mia mie miei mio molta molte molti molto ne negli nei nel nella nelle
        nello nessuna nessuno niente no noi non nostra nostro nulla o ogni oggi ieri domani oppure ora per perché
        perchè però più piuttosto poco poi possiamo posso potete prima proprio purtroppo può qualche qualcosa qualcuno
        quale quali quando quanto quasi quella quelle quelli quello quelle questa queste questi questo qui quindi sarà
        se sei sempre senza si sia siamo siete solo sono sopra sotto sta stai stanno stata stati stato stavo su sua
        sue sugli sui sul sulla sulle suo suoi tanto te ti tra troppo tu tua tuo tutta tutte tutti tutto un un'altra
        una uno va vi voglio voi vostra vostro vorrei è
    """,
    "ca": """
        a això al algun alguna algunes alguns allà allò als altra altre altres amb ambdós aquell aquella aquelles
        aquells aquest aquesta aquestes aquests aquí ara així avui ahir demà bé bon cada cap com contra d de del dels
        des dels després dins doncs dona durant e el ell ella elles ells els em en encara ens entre era eren es esteu
        estan estar estava estem estic està et ets fa fan fer fet feu fins força gaire gairebé gens gràcies ha haver
        havia he heu hem hi ho hola i ja jo l la les li llavors lo los m ma malgrat massa me mentre menys mes meu meus
        meva meves millor mai molt molta moltes molts més n ne ni ningú no nosaltres nostra nostre només o on pel pels
        per però perquè pitjor poc pocs podem poden pot potser prou puc qual quals qualsevol quan quant que quelcom
        qui quin quina quines quins què res s sa sempre sense ser serà seu seus seva seves si sigui sobre sols som són
        sota sou soc sóc t ta també tampoc tan tant te tenen tenia tenim tenir teniu tens teu teva tinc té tot tota
        totes tothom tots tret tu un una unes uns us va vaig vam van vau vers vosaltres vostra vostre vull vol volem
        és
    """,
}
WORDS = {language: frozenset(words.split()) for language, words in WORDS.items()}
