//! What can be told about a program before it runs.

use crate::calls;
use crate::limits;
use crate::problem::{self, no_now};
use crate::reference;
use crate::scene::{Names, no_table, no_topic, not_carried, those};
use engine::handler::Problem;
use engine::handler::reference::{Call, Object};
use starlark::codemap::{ResolvedSpan, Span};
use starlark::syntax::AstModule;
use starlark_syntax::syntax::ast::{
    AssignOp, AssignTargetP, AstAssignIdent, AstExpr, AstLiteral, AstParameter, AstStmt, ClauseP,
    DefP, Expr, ParameterP, Stmt,
};
use starlark_syntax::syntax::ast::{AstNoPayload, StmtP};
use starlark_syntax::syntax::uniplate::Visit;
use std::collections::{BTreeMap, BTreeSet};

/// What the checks find besides problems.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub problems: Vec<Problem>,
    /// The parameters of `handle`, in their order.
    pub parameters: Vec<String>,
    /// Where `def handle` stands.
    pub handle: Option<ResolvedSpan>,
}

type Def = DefP<AstNoPayload>;

struct Check<'a> {
    ast: &'a AstModule,
    names: &'a Names,
    found: Found,
    /// Names that stand for the scene's objects everywhere: nobody assigns them.
    objects: BTreeSet<&'a str>,
    /// Names of transactions.
    transactions: BTreeSet<&'a str>,
    /// Parameters of the functions around that are not handle: they can be anything.
    hidden: Vec<&'a str>,
}

pub(crate) fn check(ast: &AstModule, names: &Names) -> Found {
    let mut check = Check {
        ast,
        names,
        found: Found::default(),
        objects: BTreeSet::new(),
        transactions: BTreeSet::new(),
        hidden: Vec::new(),
    };
    let top = ast.statement();
    check.loads(top);
    let defs = check.defs(top);
    check.handle(&defs);
    check.recursion(&defs);
    check.own_names(top);
    check.known_names(top);
    check.statement(top);
    let mut found = check.found;
    found.problems.sort();
    found.problems.dedup();
    found
}

impl<'a> Check<'a> {
    fn place(&self, span: Span) -> ResolvedSpan {
        self.ast.file_span(span).resolve_span()
    }

    fn problem(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        let problem = problem::at(self.place(span), message, help);
        self.found.problems.push(problem);
    }

    fn loads(&mut self, top: &AstStmt) {
        let mut loads = Vec::new();
        each_statement(top, &mut |stmt| {
            if let Stmt::Load(load) = &stmt.node {
                loads.push(stmt.span.merge(load.module.span));
            }
        });
        for span in loads {
            self.problem(
                span,
                "nothing can be loaded here",
                "a program is one file, and all it can use comes as parameters of handle",
            );
        }
    }

    fn defs(&self, top: &'a AstStmt) -> Vec<&'a Def> {
        match &top.node {
            Stmt::Statements(all) => all.iter().flat_map(|one| self.defs(one)).collect(),
            Stmt::Def(def) => vec![def],
            _ => Vec::new(),
        }
    }

    fn handle(&mut self, defs: &[&'a Def]) {
        let known = self.known_parameters();
        let Some(def) = defs.iter().rev().find(|def| def.name.ident == "handle") else {
            let begin = Span::default();
            self.problem(
                begin,
                "there is no function handle",
                "write `def handle(message, db, broker):` and what is to be done with a message below it",
            );
            return;
        };
        self.found.handle = Some(self.place(def.signature_span()));
        for parameter in &def.params {
            let (name, default) = match &parameter.node {
                ParameterP::Normal(name, _, default) => (name, default.is_some()),
                _ => {
                    self.problem(
                        parameter.span,
                        "the parameters of handle are names only",
                        those("the names are", "", known.iter().cloned()),
                    );
                    continue;
                }
            };
            if !known.contains(&name.ident) {
                self.problem(
                    name.span,
                    format!(
                        "handle cannot have `{}`: there is nothing of that name here",
                        name.ident
                    ),
                    those("there are", "", known.iter().cloned()),
                );
            } else if default {
                self.problem(
                    parameter.span,
                    format!("`{}` is given to handle and needs no default", name.ident),
                    "",
                );
            } else {
                self.found.parameters.push(name.ident.clone());
                self.objects.insert(&name.ident);
            }
        }
    }

    fn known_parameters(&self) -> Vec<String> {
        let fixed = reference::PARAMETERS.iter().map(|name| (*name).to_owned());
        fixed.chain(self.names.words.iter().cloned()).collect()
    }

    /// Functions that call themselves, at once or through others.
    fn recursion(&mut self, defs: &[&'a Def]) {
        let calls: BTreeMap<&str, BTreeSet<&str>> = defs
            .iter()
            .map(|def| {
                let mut called = BTreeSet::new();
                def.body.visit_expr(|expr| {
                    each_expression(expr, &mut |expr| {
                        if let Expr::Call(function, _) = &expr.node
                            && let Expr::Identifier(name) = &function.node
                        {
                            called.insert(name.node.ident.as_str());
                        }
                    });
                });
                (def.name.ident.as_str(), called)
            })
            .collect();
        for def in defs {
            let name = def.name.ident.as_str();
            let mut reached: BTreeSet<&str> = BTreeSet::new();
            let mut next: Vec<&str> = vec![name];
            while let Some(one) = next.pop() {
                for &called in calls.get(one).into_iter().flatten() {
                    if reached.insert(called) {
                        next.push(called);
                    }
                }
            }
            if reached.contains(name) {
                self.problem(
                    def.name.span,
                    format!("`{name}` calls itself, and there is no recursion here"),
                    "write a loop: `for attempt in range(1, 4):`",
                );
            }
        }
    }

    /// Names that a program gives and may not: they stand for what counts its steps.
    fn own_names(&mut self, top: &'a AstStmt) {
        let mut given: Vec<&AstAssignIdent> = Vec::new();
        let parameters = |all: &'a [AstParameter], given: &mut Vec<&'a AstAssignIdent>| {
            given.extend(all.iter().filter_map(|one| one.node.ident()));
        };
        each_statement(top, &mut |stmt: &'a AstStmt| match &stmt.node {
            Stmt::Assign(assign) => idents(&assign.lhs.node, &mut given),
            Stmt::AssignModify(target, ..) => idents(&target.node, &mut given),
            Stmt::For(one) => idents(&one.var.node, &mut given),
            Stmt::Def(def) => {
                given.push(&def.name);
                parameters(&def.params, &mut given);
            }
            _ => {}
        });
        top.visit_expr(|expr| {
            each_expression(expr, &mut |expr: &'a AstExpr| match &expr.node {
                Expr::Lambda(lambda) => parameters(&lambda.params, &mut given),
                Expr::ListComprehension(_, first, others)
                | Expr::DictComprehension(_, first, others) => {
                    idents(&first.var.node, &mut given);
                    for other in others {
                        if let ClauseP::For(one) = other {
                            idents(&one.var.node, &mut given);
                        }
                    }
                }
                _ => {}
            });
        });
        for name in given {
            if name.node.ident.starts_with("__") {
                let message = format!("`{}` cannot be a name here", name.node.ident);
                self.problem(name.span, message, "begin it with another sign");
            }
        }
    }

    /// Learns which names are somebody else's, and which are transactions.
    fn known_names(&mut self, top: &'a AstStmt) {
        let mut assigned: BTreeSet<&str> = BTreeSet::new();
        let mut begun: BTreeSet<&'a str> = BTreeSet::new();
        each_statement(top, &mut |stmt: &'a AstStmt| match &stmt.node {
            Stmt::Assign(assign) => {
                if let AssignTargetP::Identifier(name) = &assign.lhs.node {
                    if is_begin(&assign.rhs) {
                        begun.insert(&name.ident);
                    } else {
                        assigned.insert(&name.ident);
                    }
                } else {
                    targets(&assign.lhs.node, &mut assigned);
                }
            }
            Stmt::For(one) => targets(&one.var.node, &mut assigned),
            _ => {}
        });
        top.visit_expr(|expr| {
            each_expression(expr, &mut |expr| {
                let (first, others) = match &expr.node {
                    Expr::ListComprehension(_, first, others)
                    | Expr::DictComprehension(_, first, others) => (first, others),
                    _ => return,
                };
                targets(&first.var.node, &mut assigned);
                for other in others {
                    if let ClauseP::For(one) = other {
                        targets(&one.var.node, &mut assigned);
                    }
                }
            });
        });
        self.objects
            .retain(|name| !assigned.contains(name) && !begun.contains(name));
        begun.retain(|name| !assigned.contains(name));
        self.transactions = begun;
    }

    fn statement(&mut self, stmt: &'a AstStmt) {
        match &stmt.node {
            StmtP::AssignModify(target, op, _) => {
                let sign = match op {
                    AssignOp::Multiply => Some("*"),
                    AssignOp::Percent => Some("%"),
                    AssignOp::LeftShift => Some("<<"),
                    _ => None,
                };
                if let Some(sign) = sign {
                    let target = self.ast.file_span(target.span).source_span().to_owned();
                    self.problem(
                        stmt.span,
                        format!("there is no {sign}= here"),
                        format!("write `{target} = {target} {sign} …`"),
                    );
                }
            }
            Stmt::Expression(expr) => {
                // A write in a transaction is at home here, and only here.
                if let Some((_, _, arguments)) = self.transaction_write(expr) {
                    for argument in arguments {
                        self.expression(argument);
                    }
                    self.call(expr);
                    return;
                }
            }
            _ => {}
        }
        let hidden = self.hidden.len();
        if let Stmt::Def(def) = &stmt.node
            && def.name.ident != "handle"
        {
            self.hide(&def.params);
        }
        stmt.visit_children(|child| match child {
            Visit::Stmt(child) => self.statement(child),
            Visit::Expr(child) => self.expression(child),
        });
        self.hidden.truncate(hidden);
    }

    fn hide(&mut self, parameters: &'a [AstParameter]) {
        let names = parameters.iter().filter_map(|one| one.node.ident());
        self.hidden
            .extend(names.map(|name| name.node.ident.as_str()));
    }

    fn is_object(&self, name: &str) -> bool {
        self.objects.contains(name) && !self.hidden.contains(&name)
    }

    fn is_transaction(&self, name: &str) -> bool {
        self.transactions.contains(name) && !self.hidden.contains(&name)
    }

    fn transaction_write(&self, expr: &'a AstExpr) -> Option<(&'a str, &'a str, Vec<&'a AstExpr>)> {
        let (object, method, _) = method_call(expr)?;
        let writes = ["insert", "put", "add", "delete"].contains(&method);
        let Expr::Call(_, arguments) = &expr.node else {
            return None;
        };
        let arguments = arguments.args.iter().map(|one| one.node.expr()).collect();
        (writes && self.is_transaction(object)).then_some((object, method, arguments))
    }

    fn expression(&mut self, expr: &'a AstExpr) {
        if let Some((object, method, _)) = self.transaction_write(expr) {
            self.problem(
                expr.span,
                format!("{object}.{method} gives nothing back: it only happens with {object}.commit()"),
                format!("ask {object}.commit(): it gives False when a row to insert was there, and then nothing of it happened"),
            );
        }
        self.call(expr);
        let hidden = self.hidden.len();
        if let Expr::Lambda(lambda) = &expr.node {
            self.hide(&lambda.params);
        }
        expr.visit_expr(|child| self.expression(child));
        self.hidden.truncate(hidden);
    }

    fn call(&mut self, expr: &'a AstExpr) {
        match &expr.node {
            Expr::Identifier(name) if name.node.ident.starts_with("__") => self.problem(
                expr.span,
                format!("there is nothing called `{}` here", name.node.ident),
                "",
            ),
            Expr::Dot(object, name) => {
                if let Expr::Identifier(object) = &object.node {
                    self.attribute(&object.node.ident, &name.node, name.span);
                }
            }
            Expr::Call(..) => {
                if let Some((object, method, Some((first, span)))) = method_call(expr) {
                    self.named(object, method, first, span);
                }
                self.arguments(expr);
                if let Expr::Call(function, _) = &expr.node
                    && let Expr::Dot(object, name) = &function.node
                    && let Expr::Identifier(object) = &object.node
                {
                    self.attribute(&object.node.ident, &name.node, name.span);
                }
            }
            _ => {}
        }
    }

    /// `object.name`, where it is known what the object is.
    fn attribute(&mut self, object: &str, name: &str, span: Span) {
        let whose = self.whose(object);
        let known: Vec<&str> = match whose {
            Some(whose) => Call::of(whose).map(|call| call.method).collect(),
            None if !self.is_object(object) => return,
            None if object == "message" => reference::of_message(self.names.system),
            None => Vec::new(),
        };
        if known.contains(&name) {
            return;
        }
        if (object, name) == ("clock", "now") {
            let (message, help) = no_now();
            return self.problem(span, message, help);
        }
        if object == "message"
            && let Some((message, help)) = not_carried(name, self.names.system)
        {
            return self.problem(span, message, help);
        }
        let call = whose.and_then(|whose| calls::meant(whose, name));
        let help = if self.is_transaction(object) && ["has", "get"].contains(&name) {
            "look with db before it begins; what holds at the commit is the insert".to_owned()
        } else if let Some(call) = call {
            let example = call.example(object, &self.names.vocabulary());
            format!("write `{example}`")
        } else if let Some(near) = calls::nearest(name, known.iter().copied()) {
            format!("did you mean {object}.{near}?")
        } else {
            those(
                "there are",
                "it has no parts: it is called itself",
                known.iter().map(|name| format!("{object}.{name}")),
            )
        };
        self.problem(span, format!("{object} has no `{name}`"), help);
    }

    /// Whose calls an object has, where it has some.
    fn whose(&self, object: &str) -> Option<Object> {
        if self.is_transaction(object) {
            return Some(Object::Tx);
        }
        if !self.is_object(object) {
            return None;
        }
        let is_service = self.names.words.iter().any(|one| one == object);
        let others = [Object::Db, Object::Broker, Object::Clock];
        let known = others.into_iter().find(|one| one.name() == object);
        if is_service {
            Some(Object::Service)
        } else {
            known
        }
    }

    /// What a call is given, held to what it takes.
    fn arguments(&mut self, expr: &'a AstExpr) {
        let Some((object, method, _)) = method_call(expr) else {
            return;
        };
        let call = self
            .whose(object)
            .and_then(|whose| Call::find(whose, method));
        let (Some(call), Expr::Call(_, arguments)) = (call, &expr.node) else {
            return;
        };
        let ast = self.ast;
        let text = |one: &AstExpr| ast.file_span(one.span).source_span().to_owned();
        let given = calls::Given::of(arguments.args.iter().map(|one| &one.node), &text);
        if let Some((what, help)) = given.and_then(|given| given.misfit(call, object, self.names)) {
            self.problem(expr.span, what, help);
        }
    }

    /// Names of tables and topics that are written out.
    fn named(&mut self, object: &str, method: &str, first: &str, span: Span) {
        let tables = object == "db" && self.is_object("db") || self.is_transaction(object);
        let takes_table = ["has", "get", "insert", "put", "add", "delete"].contains(&method);
        if tables && takes_table && self.names.table(first).is_none() {
            let (message, help) = no_table(first, self.names);
            self.problem(span, message, help);
        }
        if object == "broker"
            && self.is_object("broker")
            && method == "publish"
            && !self.names.topics.iter().any(|one| one == first)
        {
            let (message, help) = no_topic(first, self.names);
            self.problem(span, message, help);
        }
    }
}

/// The object, the method and the first text of a call such as `db.has("sent", …)`.
type MethodCall<'a> = (&'a str, &'a str, Option<(&'a str, Span)>);

fn method_call(expr: &AstExpr) -> Option<MethodCall<'_>> {
    let Expr::Call(function, arguments) = &expr.node else {
        return None;
    };
    let Expr::Dot(object, method) = &function.node else {
        return None;
    };
    let Expr::Identifier(object) = &object.node else {
        return None;
    };
    let first = arguments.args.first().and_then(|one| match &one.node {
        starlark_syntax::syntax::ast::ArgumentP::Positional(one) => match &one.node {
            Expr::Literal(AstLiteral::String(text)) => Some((text.node.as_str(), text.span)),
            _ => None,
        },
        _ => None,
    });
    Some((object.node.ident.as_str(), method.node.as_str(), first))
}

fn is_begin(expr: &AstExpr) -> bool {
    method_call(expr).is_some_and(|(_, method, _)| method == "begin")
}

fn targets<'a>(target: &'a AssignTargetP<AstNoPayload>, into: &mut BTreeSet<&'a str>) {
    let mut names = Vec::new();
    idents(target, &mut names);
    into.extend(names.iter().map(|name| name.node.ident.as_str()));
}

fn idents<'a>(target: &'a AssignTargetP<AstNoPayload>, into: &mut Vec<&'a AstAssignIdent>) {
    match target {
        AssignTargetP::Identifier(name) => into.push(name),
        AssignTargetP::Tuple(all) => all.iter().for_each(|one| idents(&one.node, into)),
        AssignTargetP::Index(_) | AssignTargetP::Dot(..) => {}
    }
}

fn each_statement<'a>(stmt: &'a AstStmt, run: &mut impl FnMut(&'a AstStmt)) {
    run(stmt);
    stmt.visit_stmt(|child| each_statement(child, run));
}

fn each_expression<'a>(expr: &'a AstExpr, run: &mut impl FnMut(&'a AstExpr)) {
    run(expr);
    expr.visit_expr(|child| each_expression(child, run));
}

/// A program that is longer or deeper than programs may be.
pub(crate) fn too_large(source: &str) -> Option<Problem> {
    if source.len() > limits::SOURCE_MAX {
        return Some(problem::at(
            ResolvedSpan::default(),
            format!(
                "this program is too long: more than {} bytes",
                limits::Thousands(limits::SOURCE_MAX as u64)
            ),
            "",
        ));
    }
    let at = crate::nesting::too_deep(source)?;
    Some(nested_too_deeply(source, at))
}

/// A program that is nested deeper at this byte than programs may be.
pub(crate) fn nested_too_deeply(source: &str, at: usize) -> Problem {
    problem::at(
        crate::problem::place_of(source, at),
        "this is nested too deeply",
        "give parts of it names of their own",
    )
}
