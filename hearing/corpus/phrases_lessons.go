package corpus

// lessonPhrases are what is said in Lessons: none of it is said in a half.
var lessonPhrases = map[string]spoken{"ru": russianLessons, "en": englishLessons}

var russianLessons = spoken{
	people: []string{
		"ало", "алло, слушаю", "да, алло, слушаю", "алло, да, говорите", "да, я слушаю вас", "слушаю, говорите", "да-да, слушаю",
		"алло, кто это", "да, кто говорит", "а кто это", "ага", "да, что", "ну", "ну, слушаю", "да, да", "да, это я",
		"добрый вечер", "здравствуйте", "добрый день, слушаю", "да, добрый день", "алло, добрый день", "доброе утро",
		"алло, вас плохо слышно, говорите", "я вас не слышу", "алло, не слышу вас", "алло, алло, говорите", "повторите, не слышно",
		"да, слушаю вас внимательно", "так, говорите", "минутку", "одну секунду", "подождите, пожалуйста", "алло, перезвоните, пожалуйста",
		"Иванов", "Кузнецова слушает", "да, Андрей, слушаю", "алло, Наталья слушает", "это Виктор", "алло, а кто звонит",
		"да, а кто это звонит", "вам кого", "кого вам нужно", "алло, кого вы хотели", "я на работе, говорите", "да, я за рулём, говорите быстрее",
		"что случилось", "привет, ты где", "да, мам", "ну что там", "алё, привет", "да, конечно, слушаю",
	},
	business: []string{
		"салон красоты Жасмин, здравствуйте", "типография Форма, добрый день, Светлана", "клиника доктора Белова, администратор Юлия, добрый день",
		"школа номер двадцать, вахта, слушаю", "автомойка, добрый день", "бюро переводов, здравствуйте, меня зовут Игорь, слушаю вас",
	},
	voicemail: []string{
		"вы позвонили Павлу. я сейчас занят, оставьте сообщение", "здравствуйте, вас приветствует автоответчик. оставьте сообщение после сигнала",
		"абонент не может подойти. говорите после сигнала", "здравствуйте. вы позвонили в компанию Меридиан. к сожалению, все сотрудники заняты",
		"привет, это Саша. перезвоню позже", "добрый день. сейчас я не могу ответить. напишите мне сообщение",
		"телефон абонента не отвечает. оставьте голосовое сообщение", "автоответчик Кирилла. говорите, я записываю",
		"вызываемый абонент не отвечает. вы будете переадресованы на голосовую почту", "к сожалению, мы не можем принять ваш звонок. перезвоните в рабочее время",
		"офис закрыт. мы работаем с девяти утра до шести вечера", "спасибо за звонок. оставьте ваше имя и телефон, и мы свяжемся с вами",
		"здравствуйте, это Ольга. меня сейчас нет. оставьте сообщение", "алло. алло. шучу, это автоответчик", "да. это не я, а моя голосовая почта. говорите после сигнала",
		"говорите после сигнала", "оставьте сообщение", "ящик переполнен", "вы слушаете автоответчик. после гудка у вас будет одна минута",
		"абонент просил не беспокоить. что ему передать", "я не могу подойти к телефону, потому что я в отъезде. звоните после праздников",
		"это личный помощник. представьтесь и скажите, зачем вы звоните", "добрый вечер. магазин закрыт. заказы принимаются на сайте",
		"здравствуйте. линия записывается. если вы согласны, оставайтесь на линии", "секретарь приёмной комиссии ответит вам завтра. оставьте вопрос после сигнала",
	},
	carrier: []string{
		"абонент выключил телефон или находится вне зоны действия сети", "набранный номер не используется", "абонент временно не обслуживается",
		"номер изменён. обратитесь в справочную", "вызываемый абонент занят. попробуйте перезвонить позже", "связь с номером ограничена",
		"извините, набран неправильный номер. проверьте правильность набора", "сеть перегружена. повторите вызов позже",
		"абонент не может принять звонок. мы сообщим ему о вашем вызове", "данный номер заблокирован",
	},
	menu: []string{
		"вы позвонили в службу поддержки. для связи с оператором нажмите ноль", "добро пожаловать в нашу компанию. выберите язык обслуживания",
		"все операторы заняты. ваш звонок будет принят через пять минут", "здравствуйте. нажмите один, чтобы узнать баланс. нажмите два, чтобы оставить заявку",
		"ваш звонок очень важен. вы третий в очереди", "введите добавочный номер сотрудника или оставайтесь на линии",
	},
}

var englishLessons = spoken{
	people: []string{
		"hello, yes", "yes, hi", "hello, who's calling", "hi, who is this", "hey there", "yes, this is he", "hello, go ahead", "yeah, speaking",
		"hello, Karen speaking", "this is Robert", "hi, it's Steve", "Sarah here", "good morning, who's this", "good evening, yes", "yes, good day",
		"what is it", "yeah, what's up", "hello, how can I help", "can I help you", "hello, I can hear you", "sorry, who's that", "hello, is anyone there",
		"yo", "uh, hello", "yes, what do you want", "okay", "yes, I'm listening", "hold on, please", "just a minute", "one moment, please",
		"hello, this is Linda, who's calling", "Davis residence", "Michael Carter", "you're breaking up, say again", "hello, I'm driving, be quick",
		"hi mum", "oh, hi", "yeah, hi, go on", "who", "sure, go ahead", "hello, speak up please", "yes, that's me", "hello, good afternoon", "hi hi",
	},
	business: []string{
		"Oakwood dental, this is Megan, how can I help you", "bike shop, hello", "Sunset travel, good morning, Brian speaking",
		"county records, please hold, how may I direct you", "pizza corner, pick up or delivery", "Lakeside veterinary clinic, hello, this is Rachel",
	},
	voicemail: []string{
		"you've reached David. leave a message", "hello, this is Nancy. I can't come to the phone. please leave your name and number",
		"the caller you have dialed is not available. please leave a message after the beep", "hi, we're out. leave a message",
		"your call has been forwarded to voice mail. the customer is unavailable. record your message at the tone",
		"sorry, nobody is here to take your call. please call back later", "this is the mailbox of Peter Stone. please speak after the tone",
		"thanks for calling. we are closed for the weekend", "hello. this is a recording. nobody is home",
		"hey, it's Jason. do your thing after the beep", "leave a message after the tone", "voice mail. please speak",
		"I am out of the office this week. for urgent matters, contact my assistant", "you have reached the law firm of Adams and Reed. all our lines are busy",
		"hi, this is Tina. I'm probably in class. text me", "hello, you've called the Bakers. we can't answer now. please try our mobile",
		"please record your message. when done, press pound", "welcome to our messaging service. the person at this extension is on the phone",
		"good afternoon. the museum is closed on mondays. tickets are sold on our web site", "this call is answered by a machine. talk to it",
		"the mailbox is full. please try again later", "hello. hello, who's there. got you, it's my voice mail",
		"please state your name after the tone, and we will see if this person is available", "I'm sorry I missed you. please leave a brief message",
	},
	carrier: []string{
		"the number you dialed has been changed", "the subscriber is out of reach. please try later", "the number you have called is not in use",
		"this number can not receive calls", "your call did not go through. please try again", "the mobile you are calling is turned off",
		"we are sorry. all lines are busy", "the network is busy. please redial", "this service is not available for this subscriber",
		"the person you called can not take calls at this moment",
	},
	menu: []string{
		"welcome. for english, press one. for french, press two", "thank you for calling our help line. all agents are busy",
		"hello, and thank you for calling. if you know your party's extension, dial it now", "you are number five in line. please hold",
		"to hear your balance, press one. to talk to an agent, press zero", "please listen carefully as our options have changed",
	},
}
