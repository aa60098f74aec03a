//! Programs that would take for ever, or all memory there is: each is stopped by what is counted.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::{cast, delivery, next, parse, problems};
use engine::handler::Memory;
use engine::handler::{Handler, Next, Program, Verdict};
use handler::{Code, limits};

/// How a handler of these lines ends, without an answer to anything.
fn end(lines: &str) -> String {
    let mut source = "def handle(message, db, mail, broker, clock, log):\n".to_owned();
    for line in lines.lines() {
        source.push_str(&format!("    {line}\n"));
    }
    let code = match Code::parse(&source, &cast()) {
        Ok(code) => code,
        Err(problems) => return problems[0].to_string(),
    };
    match next(&code, &[]).next {
        Next::End(Verdict::Failed(failure)) => failure.message.to_string(),
        other => format!("{other:?}"),
    }
}

fn stopped_after_steps(lines: &str) {
    let end = end(lines);
    assert!(
        end.contains(": stopped after 200,000 steps"),
        "{lines}\n{end}"
    );
}

fn stopped(lines: &str) {
    let end = end(lines);
    assert!(end.contains(": stopped"), "{lines}\n{end}");
}

/// What goes through a long range, each of them in many lines.
const GO_THROUGH: [&str; 32] = [
    "min(range(1000000))",
    "max(range(1000000))",
    "max(range(1000000), key = lambda n: -n)",
    "sorted(range(100000))",
    "sorted(range(100000), reverse = True)",
    "list(range(1000000))",
    "tuple(range(1000000))",
    "reversed(range(1000000))",
    "enumerate(range(1000000))",
    "zip(range(1000000), range(1000000))",
    "zip([1], range(1000000))",
    "any([False for n in range(1000000)])",
    "all(range(1, 1000000))",
    "dict(zip(range(1000000), range(1000000)))",
    "dict([(n, n) for n in range(1000000)])",
    "{n: n for n in range(1000000)}",
    "{n: n for n in range(1000) for m in range(1000)}",
    "[n for n in range(1000000)]",
    "[n for n in range(1000000) if False]",
    "[n for n in (range(1000000)) if n < 0]",
    "[0 for n in range(1000) for m in range(1000)]",
    "[].extend(range(1000000))",
    "{}.update([(n, n) for n in range(1000000)])",
    "5 in list(range(1000000))",
    "\",\".join([\"x\" for n in range(1000000)])",
    "\"\".join(range(1000000))",
    "len(list(range(1000000)))",
    "range(1000000)[::2]",
    "(lambda *all: 1)(*range(1000000))",
    "min(*range(1000000))",
    "getattr([], \"extend\")(range(1000000))",
    "[].extend(enumerate(range(1000000)))",
];

#[test]
fn no_line_goes_through_a_long_range() {
    for line in GO_THROUGH {
        stopped(line);
        // As many as a program may be long, up to 400.
        let many = 400.min(19_000 / (line.len() + 10));
        stopped(&format!("x = {line}\n").repeat(many));
    }
}

/// Each line stays within every other limit; it is their number that is counted.
#[test]
fn many_lines_that_each_go_through_something_are_stopped() {
    let text = format!("text = \"{}\"\n", "ab,".repeat(3_000));
    let list = "all = [n for n in range(300)]\n";
    let each = [
        "min(range(1000))",
        "sorted(all)",
        "reversed(all)",
        "enumerate(all)",
        "zip(all, all)",
        "list(all)",
        "tuple(all)",
        "dict(zip(all, all))",
        "all == all + []",
        "all + []",
        "all * 1",
        "all[1:]",
        "-1 in all",
        "all.index(299)",
        "str(all)",
        "repr(all)",
        "\"{}\".format(all)",
        "\"%s\" % all",
        "f\"{all}\"",
        "text + \"\"",
        "text * 1",
        "text[1:]",
        "text == text + \"\"",
        "text < text",
        "\"z\" in text",
        "text.split(\"b\", 3)",
        "text.find(\"z\")",
        "text.count(\"z\")",
        "text.replace(\"z\", \"\")",
        "text.upper()",
        "text.strip(\"abc,\")",
        "text.elems()",
        "text.startswith(text)",
        "text.strip(text[:16])",
        "\"\" * 10000",
        "10000 * ()",
        "bytes(text) + b\"\"",
        "bytes(text[:1000]) in bytes(text)",
        "bytes(text)[1:]",
        "bytes(text[:900]).elems()",
        "min(text.elems())",
        "hash(text)",
        "{text: 1}",
        "{(text, text): 1}",
        "{}.get((text, text))",
        "[1 for n in range(10) if text.isdigit() or True]",
        "(lambda: sorted(all))()",
        "[x for x in all if x not in all]",
        "\",\".join([text[:1000]])",
    ];
    for one in each {
        let loops = format!("for turn in range(6000):\n    x = {one}\n");
        let lines = format!("{text}{list}{loops}");
        let end = end(&lines);
        assert!(end.contains(": stopped after"), "{one}: {end}");
    }
}

/// Nothing is made, however often: the times are what takes time.
#[test]
fn what_is_empty_is_not_repeated_without_end() {
    for line in [
        "\"\" * 1000000000",
        "1000000000 * \"\"",
        "[] * 1000000000",
        "1000000000 * []",
        "() * 1000000000",
        "1000000000 * ()",
        "b\"\" * 1000000000",
        "1000000000 * b\"\"",
        "\"\".upper() * 2147483647",
        "[\"\" * n for n in range(1000000)]",
    ] {
        stopped_after_steps(&format!("x = {line}"));
    }
}

/// One text is gone through once for each part of another.
#[test]
fn what_is_looked_for_everywhere_is_counted_everywhere() {
    for line in [
        "(\"b\" * 9000).strip(\"a\" * 8999 + \"b\")",
        "(\"b\" * 9000).lstrip(\"a\" * 8999 + \"b\")",
        "(\"b\" * 9000).rstrip(\"a\" * 8999 + \"b\")",
        "(\"b\" * 9000).strip(*[\"a\" * 8999 + \"b\"])",
        "b\"a\" * 4000 + b\"b\" in b\"a\" * 9000",
        "b\"a\" * 4000 + b\"b\" not in b\"a\" * 9000",
    ] {
        stopped_after_steps(&format!("x = {line}"));
    }
}

#[test]
fn no_line_makes_a_text_or_a_list_without_end() {
    let bombs = [
        // The format bomb: each of these ten times as long as what it is given.
        "a = \"{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}\"\nx = a.format(a.format(a.format(a.format(a.format(a.format(a.format(a.format(a.format(\"x\")))))))))",
        "a = \"{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}\"\nx = \"x\"\nfor n in range(100): x = a.format(x)",
        "a = \"{0}\" * 1000\nx = a.format(\"x\" * 9000)",
        "a = \"{x}\" * 1000\nx = a.format(x = \"x\" * 9000)",
        "a = (\"{0}\" * 1000).format\nx = a(a(a(\"xx\")))",
        "x = \"%s%s\" % ((\"x\" * 9000,) * 2)",
        "x = \"aaaaaaaaaa\".replace(\"a\", \"x\" * 9000)",
        "x = (\"a\" * 9000).replace(\"\", \"x\" * 9000)",
        "x = (\"x\" * 9000).join([\"\"] * 900)",
        "x = \"\".join([\"x\" * 9000] * 9)",
        "x = \"x\" * 9000\ny = f\"{x}{x}\" + \"\"",
        "x = \"x\" * 9000\ny = (lambda a: a + a)(x)",
        "x = 1000 * (1000 * (1000 * \"x\"))",
        "x = b\"x\" * 1000000000",
        "x = 1000000000 * b\"x\"",
        "x = b\"x\"\nfor n in range(100): x += x",
        "x = [b\"x\" * 9999 for n in range(1000000)]",
        "x = 1000 * (1000 * (1000 * [0]))",
        "x = (lambda a: [a, a, a, a])([0] * 900)\ny = str(x)",
        "x = [[0] * 999 for n in range(1000000)]",
        "x = [\"x\" * 9999 for n in range(1000000)]",
        "x = [\"{}\".format(n) * 999 for n in range(1000000)]",
        "x = [range(1000000) for n in range(3)]\ny = [list(one) for one in x]",
        "x = [0]\nx += range(1000000)",
        "x = [0]\nfor n in range(100): x += x",
        "x = \"x\"\nfor n in range(100): x += x",
        "x = {}\nfor n in range(100000): x[n] = n",
        "x = []\nfor n in range(100000): x.append(x)",
        "x = [0]\nfor n in range(100): x.append([x, x])\nprint(x)",
        // Sharing: few values, and without end when they are gone through.
        "f = lambda a: [a, a]\nx = f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f([0]))))))))))))))))))))\ny = x == [x]",
        "f = lambda a: (a, a)\nx = f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(0))))))))))))))))))))\ny = {x: 1}",
        "f = lambda a: (a, a)\nx = f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(0))))))))))))))))))))\ny = {}\ny[x] = 1",
        "f = lambda a: (a, a)\nx = f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(0))))))))))))))))))))\nprint(x)",
        "f = lambda a: (a, a)\nx = f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(0))))))))))))))))))))\nlog(x)",
        "f = lambda a: (a, a)\nx = f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(0))))))))))))))))))))\nfail(x)",
        "f = lambda a: (a, a)\nx = f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(0))))))))))))))))))))\ny = f\"{x}\"",
    ];
    for bomb in bombs {
        stopped(bomb);
    }
    for bomb in [
        "x = 7\nfor n in range(100): x = x * x",
        "x = 7\nfor n in range(100): x += x",
        "x = 1 << 1000000",
        "x = int(\"9\" * 9000)",
    ] {
        let end = end(bomb);
        assert!(end.starts_with("this number is too large"), "{bomb}\n{end}");
    }
}

#[test]
fn loops_without_a_statement_are_counted() {
    stopped("for n in range(1000000): pass");
    stopped("for n in range(1000000):\n    for m in range(1000000): pass");
    let wide = format!("x = [({}) for n in range(1000000)]", "n, ".repeat(4_000));
    stopped_after_steps(&wide);
    let wide = format!(
        "f = lambda *all: 1\nx = [f({}0) for n in range(1000000)]",
        "n, ".repeat(4_000)
    );
    stopped_after_steps(&wide);
    // Calls without recursion: 40 times 40 times 40 and so on.
    let mut lines = "f0 = lambda x: x\n".to_owned();
    for at in 1..12 {
        let call = format!("f{}(x)", at - 1);
        lines.push_str(&format!(
            "f{at} = lambda x: [{}]\n",
            [call.as_str(); 40].join(", ")
        ));
    }
    stopped(&format!("{lines}f11(0)"));
}

#[test]
fn the_top_of_a_program_is_counted_too() {
    for line in GO_THROUGH {
        let told = problems(&format!("X = {line}\ndef handle(message):\n    pass\n"));
        assert!(told.contains("stopped"), "{line}: {told}");
    }
    // What the language could compute while it reads.
    let constant = "\"{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}\"";
    let mut bomb = "\"x\"".to_owned();
    for _ in 0..12 {
        bomb = format!("{constant}.format({bomb})");
    }
    let told = problems(&format!("X = {bomb}\ndef handle(message):\n    pass\n"));
    assert!(told.contains("stopped: a text of more than"), "{told}");
    let told = problems(&format!("def handle(message):\n    x = {bomb}\n"));
    assert_eq!(told, "");
}

#[test]
fn nobody_takes_the_place_of_what_counts() {
    for source in [
        "__look = lambda x: x\ndef handle(message):\n    pass\n",
        "def __step(n):\n    return True\ndef handle(message):\n    pass\n",
        "def handle(message):\n    for __method in [1]: pass\n",
        "def handle(message):\n    x = [1 for __step in [1]]\n",
        "def handle(message):\n    x = lambda __look: 1\n",
        "def handle(message):\n    a, __look = 1, 2\n",
        "def handle(message):\n    x = __call\n",
        "def other(__look = 1):\n    pass\ndef handle(message):\n    pass\n",
    ] {
        let told = problems(source);
        assert!(told.contains("__"), "{source}: {told}");
    }
}

#[test]
fn what_is_counted_changes_nothing_of_what_is_computed() {
    let table = [
        ("\"a,b\".split(\",\")", "[\"a\", \"b\"]"),
        ("(\"a\").upper()", "A"),
        ("( \"a\" # x ( .y\n  ).upper()", "A"),
        ("((\"a\" + \"b\")).upper()", "AB"),
        ("((\"a\") + \"b\").upper()", "AB"),
        ("(\"a\" + (\"b\")).upper()", "AB"),
        ("((\"a\") + (\"b\")).upper().lower()", "ab"),
        ("(lambda x: x)(\"a\").upper()", "A"),
        ("len(((\"a\")).upper())", "1"),
        ("((((\"a\") + \"b\") * 2)[1:])[0]", "b"),
        ("{((\"a\") + \"b\") * (2): (1)}[((\"a\") + \"b\") * 2]", "1"),
        ("[n for n in ((range((2))))]", "[0, 1]"),
        ("(lambda: ((1) + (2)) * (3))()", "9"),
        ("f\"{((1) + (2))}\"", "3"),
        ("\"{} {x}\".format(1, x = 2)", "1 2"),
        ("\"{0}-{0}\".format(\"a\")", "a-a"),
        ("[n for n in (range(5)) if n % 2]", "[1, 3]"),
        ("[(a, b) for a in [1, 2] for b in [3] if a > 1]", "[(2, 3)]"),
        ("{k: v for k, v in {\"a\": 1}.items()}", "{\"a\": 1}"),
        ("(lambda a, b = 2: a + b)(1)", "3"),
        ("(lambda: (1, 2))()", "(1, 2)"),
        (
            "(lambda *a, **b: [a, b])(*[1], **{\"c\": 2})",
            "[(1,), {\"c\": 2}]",
        ),
        ("f\"{message.id}-{'x'.upper()}\"", "ord_11-X"),
        ("{\"a\": [1]}[\"a\"][0]", "1"),
        ("[1, 2, 3][1:][0]", "2"),
        ("sorted([2, 1], key = lambda n: -n)", "[2, 1]"),
        ("sorted([\"aa\", \"b\"], key = len)", "[\"b\", \"aa\"]"),
        ("[f([3, 1]) for f in [min, max, sorted]]", "[1, 3, [1, 3]]"),
        ("1 not in [2] and 1 != 2 and not (1 == 2)", "True"),
        ("[\"a\", \"b\"].index(\"b\")", "1"),
        ("getattr(\"a\", \"upper\")()", "A"),
        ("hasattr(\"a\", \"upper\")", "True"),
        ("type(1) + str(len([1])) + repr(\"a\")", "int1\"a\""),
        ("message.headers.get(\"kind\")", "paid"),
        ("\"-\" * 3 + \"-\" * 0 + \"-\" * -1 + 2 * \"+\"", "---++"),
        ("[] * 3 + [1] * 2 + [1] * -1", "[1, 1]"),
        ("\"xaxbx\".strip(\"x\")", "axb"),
        ("bytes(\"ab\") + b\"c\" * 2", "abcc"),
        ("b\"b\" in b\"abc\" and 98 in b\"abc\"", "True"),
        ("list(b\"ab\".elems())[1:]", "[b\"b\"]"),
        ("[x.strip for x in [\" a \"]][0]()", "a"),
    ];
    for (expression, expected) in table {
        let code = parse(&format!("def handle(message):\n    print({expression})\n"));
        let turn = next(&code, &[]);
        assert_eq!(turn.next, Next::End(Verdict::Done), "{expression}");
        assert_eq!(&*turn.log[0], expected, "{expression}");
    }
    let code = parse(
        "def handle(message):\n    x = [1]; x += [2]\n    if x: x[0] = 5; x[1] += (4)\n    d = {}\n    d[\"a\"], y = (1, 2)\n    print(x, d, y)\n",
    );
    assert_eq!(&*next(&code, &[]).log[0], "[5, 6] {\"a\": 1} 2");
}

#[test]
fn mistakes_are_where_they_were_written() {
    let place = |source: &str| match next(&parse(source), &[]).next {
        Next::End(Verdict::Failed(failure)) => (failure.line, failure.column),
        other => panic!("{other:?}"),
    };
    let handle = |line: &str| format!("def handle(message):\n    a = \"ä\".upper(); {line}\n");
    assert_eq!(place(&handle("b = [1 for n in [1]]; 1 // 0")), (2, 44));
    assert_eq!(place(&handle("b = \"x\".index(\"y\")")), (2, 26));
    assert_eq!(place(&handle("b = [].pop() + 1")), (2, 26));
    assert_eq!(place(&handle("b = a.upper().nothing")), (2, 26));
}

/// All handlings together have a bound too, and from there on nothing is known.
#[test]
fn a_program_that_is_asked_too_often_is_not_run_any_more() {
    let lines = "def handle(message):\n    x = range(150000)[:1]\n";
    let memory = Memory::new(parse(lines));
    let mut asked = 0;
    let mut other = delivery();
    while memory.stopped().is_none() {
        asked += 1;
        if let Some(place) = &mut other.place {
            place.offset.0 = asked;
        }
        memory.next(&cast(), &other, &[]);
    }
    let steps_each = limits::PROGRAM_STEPS_MAX / asked;
    assert!(
        (149_000..limits::STEPS_MAX).contains(&steps_each),
        "{asked}"
    );
    let why = memory.stopped().unwrap_or_default();
    assert!(why.contains("more than 200,000,000 steps"), "{why}");
}

/// A handling that is stopped before it does something has not done it: the program is asked again.
#[test]
fn what_is_refused_does_not_count_against_other_handlings() {
    let code = parse("def handle(message):\n    x = [] * 214748347483647\n");
    let of_one = |code: &Code| match next(code, &[]).next {
        Next::End(Verdict::Failed(failure)) => failure.message.to_string(),
        other => format!("{other:?}"),
    };
    let first = of_one(&code);
    assert!(first.contains("stopped after 200,000 steps"), "{first}");
    assert_eq!(of_one(&code), first);
}

/// What a program says of itself is no limit.
#[test]
fn only_a_limit_leaves_it_open_what_a_program_does() {
    for (line, is_open) in [
        ("fail(\"stopped\")", false),
        ("x = 1 // 0", false),
        ("x = [1 for n in range(1000000)]", true),
        ("for n in range(1000000): pass", true),
    ] {
        let memory = Memory::new(parse(&format!("def handle(message):\n    {line}\n")));
        memory.next(&cast(), &delivery(), &[]);
        assert_eq!(memory.stopped().is_some(), is_open, "{line}");
    }
}

/// What is remembered has a bound in bytes: beyond it the program is asked again.
#[test]
fn what_is_remembered_is_bounded() {
    let lines = "def handle(message, db):\n    for turn in range(100):\n        print(\"x\" * 500)\n    db.put(\"balance\", \"x\" * 9000, message.offset)\n";
    let memory = Memory::new(parse(lines));
    let mut other = delivery();
    for asked in 0..1_300 {
        if let Some(place) = &mut other.place {
            place.offset.0 = asked;
        }
        memory.next(&cast(), &other, &[]);
    }
    let recorded: Vec<_> = memory.recorded().into();
    assert!(
        (1_000..1_200).contains(&recorded.len()),
        "{}",
        recorded.len()
    );
}
