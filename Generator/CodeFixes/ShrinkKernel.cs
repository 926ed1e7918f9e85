using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Text;
using NetGen.Generator.Diagnostics;

namespace NetGen.CodeFixes;

/// <summary>Makes a kernel or window as large as its input.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ShrinkKernel))]
public sealed class ShrinkKernel() : NetworkCodeFix(Fixable.KernelTooLarge)
{
    internal override Repair? Find(Site site, string rule, string fix) => fix.Length > 0 && site.Argument is { } argument
        ? new($"Change {argument.Expression} to {fix}, the largest that fits", new TextChange(argument.Expression.Span, fix))
        : null;
}
