"""General spoken Mandarin: everyday sentences and frames filled with frequent words (seeded).

The words are those of the segmentation dictionary (jieba), drawn by how often they occur. What comes
out is not always sense, but it is said like a sentence: that is what the acoustic model learns from.
"""

import random
import re
from collections import defaultdict
from pathlib import Path

import jieba

from app.language.texts.pronounce import pronounceable
from app.language.texts.spoken_texts import number_words

_SLOT = re.compile(r"\{(\w+)\}")
_FEWEST_OCCURRENCES = 30
_MOST_FREQUENT = 6000
#: Frequencies are flattened: the rare words must be heard, too.
_FLATTENED = 0.4

_WHO = (
    "我|你|他|她|我们|你们|他们|咱们|大家|我妈|我爸|老师|医生|师傅|邻居|老板|同事|朋友|孩子|奶奶|爷爷|姐姐|弟弟|小王|老李|"
    "经理|客人|司机|房东|我女儿|我儿子|那个人|这位先生|这位女士|阿姨|叔叔|小朋友|同学"
)
_WHEN = (
    "今天|明天|昨天|后天|前天|早上|下午|晚上|刚才|等会儿|上个月|下个星期|去年|每天|周末|最近|以前|将来|有时候|一会儿|"
    "过两天|这几年|夏天|冬天|春节|国庆节|暑假|半夜|中午|傍晚|平时|到时候"
)
_PLACE = (
    "家里|学校|公司|医院|超市|车站|银行|公园|楼下|门口|路上|办公室|菜市场|火车站|机场|北京|上海|广州|老家|乡下|城里|"
    "厨房|阳台|二楼|电梯里|食堂|图书馆|营业厅|小区|马路对面|海边|山上|隔壁"
)
_SHORT = (
    "对|对的|是|是的|是啊|好|好的|好吧|行|行啊|可以|可以的|没有|没有啊|没|不是|不用|不用了|不要|嗯|嗯嗯|哦|哦哦|啊|喂|喂你好|"
    "谢谢|谢谢啊|再见|拜拜|不客气|没事|没关系|知道了|明白|明白了|清楚|听到了|听不清|什么|为什么|哪里|多少|几点|谁啊|等一下|稍等|"
    "马上|不知道|不清楚|不记得了|差不多|还没有|已经好了|没问题|当然|真的吗|是吗|对不对|行不行|好不好|不行|不好|不太好|不对|"
    "算了|随便|都可以|都行|无所谓|那好吧|那行|那就这样|先这样吧|我想想|再说吧|考虑一下|同意|不同意|确定|确认|没错|有|有的|没了"
)
_SENTENCES = (
    "你吃饭了吗|外面下雨了记得带伞|今天天气真不错|我有点不舒服想去看医生|请问去火车站怎么走|这个多少钱一斤|"
    "能不能便宜一点|我等了半个小时车还没来|不好意思我迟到了|你说慢一点我没听清|麻烦你再说一遍|电话号码写错了|"
    "他刚刚出去了你过一会儿再打|我不在家你放门口就行|孩子今天要早点睡觉|周末我们一起去爬山吧|这件衣服有没有大一号的|"
    "我把钥匙忘在办公室了|手机没电了借我充一下|路上堵车我可能要晚点到|你帮我看一下这个怎么弄|这道题我不会做|"
    "昨天晚上我做了一个很奇怪的梦|妈妈在厨房里做饭|他每天早上六点钟起来跑步|奶奶喜欢在阳台上种花|"
    "我们村里现在都通了水泥路|这几年房价涨得太快了|公司下个月要搬到新的地方|老师说明天不用交作业|"
    "冬天太冷了我不想出门|夏天最怕的就是停电|你要多喝水少熬夜|别着急慢慢来|这种事情急也没有用|"
    "我觉得还是坐地铁比较方便|飞机晚点了两个多小时|酒店的房间又小又吵|医生让我一个星期以后再来复查|"
    "药要饭后吃一天三次|快递说已经放在门卫那里了|我买的东西到现在还没有收到|东西坏了能不能退货|"
    "我想把这个换成别的颜色|你们几点钟关门|请把身份证给我看一下|在这里签个字就可以了|先到那边排队拿号|"
    "窗口已经下班了明天再来吧|密码输错了三次被锁住了|我的卡丢了要挂失|利息是怎么算的|"
    "这个字怎么念我不认识|普通话我说得不太好|我是四川人说话有口音|你听得懂我说的吗|声音太小了大声一点|"
    "这里信号不好我换个地方|喂喂听得见吗|你先别挂我去拿支笔|好你说我记一下|那就麻烦你了|"
    "不是这个意思你误会了|我说的是隔壁那一家|门牌号是三十五号不是五十三号|从这里往前走到红绿灯右转|"
    "过了桥就是第二个路口|楼上漏水漏到我家来了|物业说他们管不了|停车位被别人占了|半夜还在装修吵得睡不着|"
    "水管爆了快点派人来|燃气费是不是又涨了|垃圾要分开放|电梯坏了只能走楼梯|小区门口新开了一家饭馆|"
    "他们家的面条特别好吃|少放点辣椒不要香菜|再来两碗米饭|一共七十八块钱|找你二十二块|"
    "恭喜恭喜祝你们白头到老|生日快乐身体健康|新年好给您拜年了|一路平安到了打个电话|"
    "我小时候住在外婆家|那时候还没有电脑|他当过三年兵后来做生意|她唱歌唱得特别好|我不太喜欢看电视|"
    "昨天那场球踢得太精彩了|新闻里说台风要来了|天气预报说有大雪|地震的时候千万不要坐电梯|"
    "我们班有四十二个学生|数学考了九十六分|高考还有一百天|大学毕业以后你想做什么|找工作真不容易|"
    "工资什么时候发|加班有没有加班费|老板说今年没有奖金|合同上写得清清楚楚|这个责任谁来负|"
    "我要找你们领导|你们这样做是不对的|我不是来吵架的我是来解决问题的|给个说法吧|我已经打了好几次电话了|"
    "每次都说处理每次都没有结果|你们到底什么时候能来|我下午要出去上午来行不行|提前半个小时给我打电话"
)
_FRAMES = (
    "{when}{who}要去{place}{v}{n}|{who}{when}在{place}{v}了{n}|{who}说{n}很{a}|你知道{n}怎么{v}吗|请问{place}有没有{n}|"
    "我想{v}一下{n}|{who}不想{v}{n}|{n}和{n}哪个更{a}|为什么{who}还没有{v}|{when}的{n}真{a}|把{n}放在{place}就行了|"
    "{who}把{n}忘在{place}了|{n}多少钱|{num}个{n}够不够|一共{num}块钱|我要{num}斤{n}|{who}今年{num}岁了|离{place}还有{num}公里|"
    "如果{who}{v}我就{v}|因为{n}太{a}所以{who}没有{v}|虽然{n}很{a}但是{who}还是要{v}|只要{v}就能{v}{n}|不但{a}而且{a}|"
    "{who}一边{v}一边{v}|先{v}再{v}|{who}越来越{a}了|{n}被{who}{v}了|让{who}去{v}吧|别{v}了|{who}正在{v}{n}呢|"
    "{who}从{place}到{place}要多久|{who}{v}过{n}没有|这个{n}是{who}的|那个{n}不是我的|有什么{n}可以{v}|"
    "{when}我们{v}{n}好不好|{who}最喜欢的是{n}|听说{place}的{n}特别{a}|{n}比{n}{a}得多|{who}跟{who}一起{v}|"
    "{who}对{n}很感兴趣|关于{n}的问题|{n}已经{v}好了|{who}到底{v}不{v}|{v}{n}需要什么{n}|{place}{when}有{n}|"
    "{who}告诉我{n}不能{v}|你{v}的{n}在哪里|我觉得{n}有点{a}|{when}的{n}你看了吗|我家{n}又{v}了|"
    "除了{n}还有{n}|无论{n}还是{n}都要{v}|{who}每天{v}{num}个小时|等了{num}分钟|第{num}次{v}|住在{num}楼|"
    "{ns}的{n}很有名|{who}是{ns}人|从{ns}坐火车来的|{ns}离{ns}不远|{l}|{who}这个人{l}|{n}{v}{n}|{a}的{n}|{n}{n}{n}|{v}{n}{v}{n}|"
    "{d}{v}{n}|{who}{d}{v}了|{who}{d}{a}|{n}{d}要{v}|{v}和{v}都{d}{a}|这件事{who}{d}知道|{nr}是{who}的{n}|{who}找{nr}"
)


class Everyday:
    """Sentences without end; the same seed gives the same ones."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._words = _frequent_words()
        given = {"who": _WHO, "when": _WHEN, "place": _PLACE}
        self._given = {name: words.split("|") for name, words in given.items()}
        self._frames = _FRAMES.split("|")

    def sentence(self) -> str:
        """A frame with words in it."""
        frame = self._chance.choice(self._frames)
        return _SLOT.sub(lambda slot: self._word(slot.group(1)), frame)

    def _word(self, kind: str) -> str:
        if kind == "num":
            return number_words(self._chance.randint(1, self._chance.choice((9, 99, 999))))
        if kind in self._given:
            return self._chance.choice(self._given[kind])
        words, weights = self._words[kind]
        return self._chance.choices(words, weights)[0]

    def several(self) -> str:
        """One or two sentences, a comma between them."""
        fixed = _SENTENCES.split("|")
        count = self._chance.choice((1, 1, 2))
        return "，".join(
            self._chance.choice(fixed) if self._chance.random() < 0.12 else self.sentence()
            for _ in range(count)
        )

    def short(self) -> str:
        """A reply of a word or two, at times with another after it."""
        replies = _SHORT.split("|")
        return "，".join(self._chance.choices(replies, k=self._chance.choice((1, 1, 2, 3))))


def _frequent_words() -> dict[str, tuple[list[str], list[float]]]:
    """Words and weights by part of speech."""
    counted: dict[str, list[tuple[int, str]]] = defaultdict(list)
    dictionary = Path(jieba.__file__).with_name("dict.txt")
    for line in dictionary.read_text(encoding="utf-8").splitlines():
        word, occurrences, kind = line.split(" ")
        kind = "v" if kind == "vn" else "l" if kind == "i" else kind
        if int(occurrences) >= _FEWEST_OCCURRENCES and len(word) <= 4:
            counted[kind].append((int(occurrences), word))
    return {kind: _weighed(words) for kind, words in counted.items()}


def _weighed(counted: list[tuple[int, str]]) -> tuple[list[str], list[float]]:
    most = sorted(counted, reverse=True)[:_MOST_FREQUENT]
    known = [(count, word) for count, word in most if pronounceable(word)]
    return [word for _, word in known], [count**_FLATTENED for count, _ in known]
