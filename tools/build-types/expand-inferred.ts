import ts from '@typescript/typescript6';

const FORMAT =
  ts.NodeBuilderFlags.InTypeAlias |
  ts.NodeBuilderFlags.NoTruncation |
  ts.NodeBuilderFlags.MultilineObjectLiterals |
  ts.NodeBuilderFlags.UseSingleQuotesForStringLiteralType |
  ts.NodeBuilderFlags.UseAliasDefinedOutsideCurrentScope;

/** Comments of an inferred type's fields, by the names of all its fields: the compiler's declarations have lost some. */
export type FieldComments = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Collects the comments of all inferred types' fields in the modules that `path`, a TypeScript source, imports. */
export function readFieldComments(path: string, options: ts.CompilerOptions): FieldComments {
  const program = ts.createProgram([path], options);
  const checker = program.getTypeChecker();
  const comments = new Map<string, ReadonlyMap<string, string>>();
  const visit = (node: ts.Node): void => {
    if (isInferred(node)) {
      const type = checker.getTypeFromTypeNode(node);
      comments.set(fieldNames(type), commentsOf(type, checker));
    } else ts.forEachChild(node, visit);
  };
  for (const file of program.getSourceFiles()) if (!file.isDeclarationFile) visit(file);
  return comments;
}

/**
 * Writes out the types that zod infers from schemas (`z.input<…>`, `z.output<…>`), with the fields' comments.
 *
 * @param path a declaration file in which schemas are declared
 * @returns its text
 */
export function expandInferred(path: string, comments: FieldComments): string {
  const program = ts.createProgram([path], {
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    types: ['node'],
  });
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(path);
  if (file === undefined) throw new Error(`${path} cannot be read.`);
  const printer = ts.createPrinter();
  let text = file.text;
  const replacements: { start: number; end: number; text: string }[] = [];
  const visit = (node: ts.Node): void => {
    if (!isInferred(node)) {
      ts.forEachChild(node, visit);
      return;
    }
    const literal = checker.typeToTypeNode(checker.getTypeFromTypeNode(node), undefined, FORMAT);
    if (literal === undefined) throw new Error(`${node.getText()} cannot be written out.`);
    replacements.push({
      start: node.getStart(),
      end: node.end,
      text: printer.printNode(
        ts.EmitHint.Unspecified,
        withComments(literal, comments.get(fieldNames(checker.getTypeFromTypeNode(node)))),
        file,
      ),
    });
  };
  visit(file);
  for (const { start, end, text: replacement } of replacements.reverse())
    text = text.slice(0, start) + replacement + text.slice(end);
  return text;
}

/** Whether it is `z.input<…>` or `z.output<…>`. */
function isInferred(node: ts.Node): node is ts.TypeReferenceNode {
  return ts.isTypeReferenceNode(node) && /^z\.(input|output|infer)$/.test(node.typeName.getText());
}

function fieldNames(type: ts.Type): string {
  return type
    .getProperties()
    .map(({ name }) => name)
    .sort()
    .join();
}

function commentsOf(type: ts.Type, checker: ts.TypeChecker): Map<string, string> {
  const comments = type
    .getProperties()
    .map(property => [property.name, ts.displayPartsToString(property.getDocumentationComment(checker))] as const);
  return new Map(comments);
}

function withComments(literal: ts.TypeNode, comments: ReadonlyMap<string, string> | undefined): ts.TypeNode {
  if (!ts.isTypeLiteralNode(literal)) return literal;
  for (const member of literal.members) {
    const comment = member.name !== undefined && ts.isIdentifier(member.name) && comments?.get(member.name.text);
    if (comment) ts.addSyntheticLeadingComment(member, ts.SyntaxKind.MultiLineCommentTrivia, `* ${comment} `, true);
  }
  return literal;
}
